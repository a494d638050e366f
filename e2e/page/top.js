// The top page: sets up the other pages, deals out the cases, and posts back
// what came of them.
'use strict';

const lanes = 10; // cases at a time

async function main() {
  const job = await (await fetch('/_e2e/job')).json();
  const pages = {};
  await Promise.all(Object.entries(job.pages).map(async ([name, page]) => {
    pages[name] = await open_[page.kind](page);
  }));
  report.log.push('pages are up after ' + Math.round(performance.now()) + ' ms');
  const quick = job.cases.filter((c) => !c.slow);
  const slow = job.cases.filter((c) => c.slow);
  await Promise.all(Array.from({ length: lanes }, async () => {
    for (let c; (c = quick.shift());) await play(pages, c);
  }));
  // All at once, but after the others, whose preflights would push theirs out
  // of the cache: Firefox keeps only a hundred.
  await Promise.all(slow.map((c) => play(pages, c)));
  report.log.push('done after ' + Math.round(performance.now()) + ' ms');
  await report.send(true);
  document.title = 'done';
}

// play runs the steps of a case one after the other, and again with fresh URLs
// if the machine was too slow for it to say anything about time.
async function play(pages, c, attempt = 0) {
  const key = attempt === 0 ? c.key : c.key + '!' + attempt;
  const results = [];
  const began = performance.now();
  for (const step of c.steps) {
    if (step.wait) await new Promise((resolve) => setTimeout(resolve, step.wait));
    const filled = { ...step, key, url: step.url.replace('/' + c.key + '/', '/' + key + '/') };
    results.push(await pages[step.page](filled));
    if (step.within && performance.now() - began > step.within && attempt < 5) {
      report.log.push(key + ' took too long, again');
      return play(pages, c, attempt + 1);
    }
  }
  if (c.settle) await fetch('/_e2e/settle?n=' + c.settle + '&key=' + encodeURIComponent(key));
  report.add({ key: c.key, used: key, results });
}

const report = {
  results: [],
  log: [],
  add(result) {
    this.results.push(result);
    if (this.results.length >= 25) this.send(false);
  },
  async send(done) {
    const body = JSON.stringify({ results: this.results, log: this.log, done });
    this.results = [];
    this.log = [];
    await fetch('/_e2e/results', { method: 'POST', body });
  },
};
setInterval(() => report.send(false), 2000);

// open_ has a way to set up each kind of page; each gives a function that
// carries out a step there.
const open_ = {
  async top() {
    return act;
  },
  frame: (page) => inFrame((frame) => (frame.src = page.base + '/_e2e/frame')),
  sandbox: (page) => inFrame((frame) => {
    frame.sandbox = 'allow-scripts';
    frame.src = page.base + '/_e2e/frame';
  }),
  data: (page) => inFrame((frame) => (frame.src = 'data:text/html,' + encodeURIComponent(html(page)))),
  blob: (page) => inFrame((frame) => {
    frame.src = URL.createObjectURL(new Blob([html(page)], { type: 'text/html' }));
  }),
  srcdoc: (page) => inFrame((frame) => (frame.srcdoc = html(page))),
  worker: (page) => inWorker(page.base + '/_e2e/acts.js'),
  'data-worker': (page) => inWorker('data:text/javascript,' + encodeURIComponent(
    'importScripts("' + page.base + '/_e2e/acts.js")')),
};

function html(page) {
  return '<!doctype html><script src="' + page.base + '/_e2e/acts.js"><\/script>';
}

function inFrame(setUp) {
  const frame = document.createElement('iframe');
  setUp(frame);
  return connect(
    (listen) => window.addEventListener('message', (event) => {
      if (event.source === frame.contentWindow) listen(event.data);
    }),
    (message) => frame.contentWindow.postMessage(message, '*'),
    () => document.body.append(frame),
    setUp);
}

function inWorker(url) {
  const worker = new Worker(url);
  return connect(
    (listen) => (worker.onmessage = (event) => listen(event.data)),
    (message) => worker.postMessage(message),
    () => {},
    url);
}

// connect waits until the other side is ready. If it never is, its steps come
// to nothing.
function connect(listenWith, send, begin, what) {
  const waiting = new Map();
  let next = 0;
  return new Promise((resolve) => {
    const lost = setTimeout(() => {
      report.log.push('never ready: ' + what);
      resolve(async () => ({ outcome: 'no-page' }));
    }, 20000);
    listenWith((message) => {
      if (message.ready) {
        clearTimeout(lost);
        resolve((step) => new Promise((done) => {
          waiting.set(++next, done);
          send({ id: next, step });
        }));
        return;
      }
      waiting.get(message.id)(message.result);
      waiting.delete(message.id);
    });
    begin();
  });
}

window.onload = main;
