// Runs every case against the API, here and in two strangers' frames, and
// fills the table. A script can read the outcome from
// document.documentElement.dataset.result ("running", "pass" or "fail"),
// window.__results, or the JSON in <script id="results">.
import { groups } from './cases.js';
import { element, prose } from './element.js';
import { readPolicies } from './policies.js';

const api = `http://api.localhost:${Number(location.port) + 1}`;
const cases = groups.flatMap((group) => group.cases.map((item) => ({ from: 'app', ...item, group })));
const $ = (id) => document.getElementById(id);

// --- The table

// source writes the call that a question stands for.
function source({ how = 'fetch', method, path, headers, body, credentials, mode, header }) {
  const quote = (text) => (text.length > 60 ? `'${text[0]}'.repeat(${text.length})` : `'${text}'`);
  const object = (fields) => {
    const known = Object.entries(fields).filter(([, value]) => value !== undefined);
    return known.map(([key, value]) => `${/^\w+$/.test(key) ? key : quote(key)}: ${typeof value === 'object' ? `{ ${object(value)} }` : quote(value)}`).join(', ');
  };
  const init = object({ method, headers, body, credentials, mode });
  const call = `fetch('${path}'${init && `, { ${init} }`})`;
  return {
    fetch: call,
    header: `(await ${call}).headers.get('${header}')`,
    counter: `${call}; fetch('/metrics')`,
    timing: `${call}; performance.getEntriesByName(…)`,
    stream: `(await ${call}).body.getReader()`,
    import: `import('${path}')`,
    upload: `xhr.upload.onprogress = …; xhr.open('${method}', '${path}'); xhr.send(${quote(body ?? '')})`,
    events: `new EventSource('${path}')`,
    socket: `new WebSocket('${path}')`,
  }[how];
}

function cell(label, ...children) {
  const node = element('td', {}, ...children);
  node.setAttribute('role', 'cell');
  node.dataset.label = label;
  return node;
}

function drawTable() {
  for (const group of groups) {
    const fold = element('button', { type: 'button', className: 'fold', textContent: group.title, ariaExpanded: 'false' });
    fold.addEventListener('click', () => open(group, !group.body.classList.contains('open')));
    group.fold = fold;
    group.heading = element('div', {}, element('h3', {}, fold));
    const title = element('th', { colSpan: 5, scope: 'rowgroup' }, group.heading, element('p', {}, ...prose(group.about)));
    title.setAttribute('role', 'rowheader');
    group.body = element('tbody', { id: group.id }, element('tr', { className: 'group' }, title));
    group.link = element('a', { href: `#${group.id}`, textContent: group.title });
    group.count = element('span', { textContent: group.cases.length });
    group.link.append(' ', group.count);
    group.link.addEventListener('click', () => open(group, true));
    $('groups').append(group.link);
    document.querySelector('table').append(group.body);
  }
  cases.forEach((item, i) => {
    item.mark = element('span', { className: 'mark' });
    item.saw = element('strong');
    item.detail = element('small');
    item.tags = element('span', { className: 'tags' });
    item.reason = element('p', { className: 'reason', hidden: true });
    const { method = 'GET', path } = item.question;
    const asked = element('span', { className: 'asked', textContent: `${method} ${path}` });
    if (item.from !== 'app') item.tags.append(element('span', { className: 'from', textContent: `from ${strangers[item.from].label}` }));
    item.row = element('tr', { id: `case-${i + 1}` },
      cell('Result', item.mark),
      cell('Asked', asked, element('code', { className: 'call', textContent: source(item.question) }), item.tags),
      cell('Allowed', item.saw, item.detail),
      cell('Expected', item.want),
      cell('Why', ...prose(item.why), item.reason));
    item.group.body.append(item.row);
  });
  for (const row of document.querySelectorAll('tbody tr')) row.setAttribute('role', 'row');
  for (const body of document.querySelectorAll('tbody')) body.setAttribute('role', 'rowgroup');
}

// showPolicies shows the policies in force, and beside each case the one that
// decides it; a group whose cases agree has it in its heading.
async function showPolicies() {
  const ports = [Number(location.port) + 1, Number(location.port) + 2];
  const { policies, wrong, decides } = await readPolicies('/running', ...ports);
  if (!policies.length) return; // Caddy runs another file
  $('policies').append(...policies.map(({ node }) => node));
  $('upstream').append(...wrong.map(({ node }) => node));
  $('api-origin').textContent = api;
  $('config').hidden = false;
  const [now, then] = await Promise.all(['/policy', '/running'].map(async (path) => (await fetch(path, { cache: 'no-store' })).text()));
  $('edited').hidden = now.trimEnd() === then.trimEnd(); // {file.*} leaves the last line end out
  const link = (policy) => element('a', { className: 'policy', href: `#${policy.node.id}`, textContent: policy.lines[0].replace(' {', '') });
  for (const group of groups) {
    const mine = cases.filter((item) => item.group === group && decides(item.question.path));
    const deciding = [...new Set(mine.map(({ question }) => decides(question.path)))];
    if (deciding.length === 1) group.heading.append(link(deciding[0]));
    else for (const { tags, question } of mine) tags.append(link(decides(question.path)));
  }
}

// open shows the cases of a group, which are folded on a narrow screen.
function open(group, isOpen) {
  group.body.classList.toggle('open', isOpen);
  group.fold.ariaExpanded = String(isOpen);
}

// origins of the pages that ask.
const originOf = (from) => ({ app: location.origin, evil: `http://evil.localhost:${location.port}`, null: 'null' })[from];

// checkLine is the command that plays the same request and names the step that
// fails, which a page never learns.
function checkLine({ from, question: { how, path, method, headers = {}, credentials } }) {
  const quote = (text) => (/^[\w:/.=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
  const url = (how === 'socket' ? api.replace('http', 'ws') : api) + path;
  const line = ['go run ./cmd/caddy cors check', quote(url), '--origin', originOf(from)];
  if (method) line.push('--method', method);
  for (const [name, value] of Object.entries(headers)) line.push('--header', quote(`${name}: ${value}`));
  if (credentials === 'include') line.push('--credentials');
  return line.join(' ');
}

// showReason says under a failing row how to find out why.
function showReason(item) {
  item.reason.hidden = item.state !== 'fail';
  if (item.state !== 'fail') return;
  const why = item.answer?.saw === 'blocked'
    ? 'The browser kept the answer from the page; its console names the header. The step that failed:'
    : `The page saw “${item.answer?.saw ?? 'nothing'}”. What the server answers:`;
  item.reason.replaceChildren(why, element('code', { textContent: checkLine(item) }));
}

function show(item) {
  const words = { waiting: '', pass: 'Pass', fail: 'Fail' };
  item.row.className = item.state;
  item.mark.textContent = words[item.state];
  item.saw.textContent = item.answer?.saw ?? '';
  item.detail.textContent = item.answer?.detail ?? '';
  showReason(item);
}

// --- The strangers: other origins, in frames

const strangers = {
  evil: { label: 'a foreign page', title: `http://evil.localhost:${location.port}`, src: `http://evil.localhost:${location.port}/` },
  null: { label: 'a sandboxed frame', title: 'sandboxed frame: origin null', src: '/stranger.html', sandbox: 'allow-scripts' },
};
const waiting = new Map();

addEventListener('message', ({ source, data }) => {
  const stranger = Object.values(strangers).find(({ frame }) => frame.contentWindow === source);
  if (!stranger) return;
  if (data.ready) stranger.ready();
  waiting.get(data.id)?.(data.answer);
  waiting.delete(data.id);
});

function load(stranger) {
  const { title, src, sandbox } = stranger;
  stranger.frame = element('iframe', { title, src });
  if (sandbox) stranger.frame.sandbox = sandbox;
  const loaded = new Promise((resolve) => { stranger.ready = () => resolve(true); });
  stranger.loaded = Promise.race([loaded, new Promise((resolve) => { setTimeout(resolve, 5_000, false); })]);
  return element('figure', {}, element('figcaption', { textContent: title }), stranger.frame);
}

async function probeFrom(stranger, url, question) {
  if (!(await stranger.loaded)) return { saw: 'no answer', detail: `${stranger.src} did not load` };
  const id = crypto.getRandomValues(new Uint32Array(1))[0];
  const answer = new Promise((resolve) => { waiting.set(id, resolve); });
  stranger.frame.contentWindow.postMessage({ id, url, question }, '*');
  return answer;
}

// --- A run

async function runCase(item, run) {
  // A new query each time keeps cached preflights and modules out of it.
  const url = `${api}${item.question.path}?run=${run}`;
  const stranger = strangers[item.from];
  item.answer = await (stranger ? probeFrom(stranger, url, item.question) : probe(url, item.question));
  item.state = item.answer.saw === item.want ? 'pass' : 'fail';
  show(item);
  progress();
}

const count = (state, of = cases) => of.filter((item) => item.state === state).length;

function progress() {
  const share = (state) => `${(count(state) / cases.length) * 100}%`;
  $('passed').style.width = share('pass');
  $('failed').style.width = share('fail');
  $('note').textContent = `${cases.length - count('waiting')} of ${cases.length} tried`;
  for (const group of groups) {
    const mine = cases.filter((item) => item.group === group);
    group.link.className = ['fail', 'waiting', 'pass'].find((state) => count(state, mine));
    group.count.textContent = `${count('pass', mine)}/${mine.length}`;
  }
}

function finish(milliseconds) {
  const failed = cases.filter((item) => item.state === 'fail');
  for (const { group } of failed) open(group, true);
  const score = `${count('pass')} of ${cases.length}`;
  $('headline').textContent = `${score} as expected`;
  $('note').textContent = `${cases.length} cases from three origins in ${(milliseconds / 1000).toFixed(1)} seconds`;
  const lines = failed.slice(0, 6).map(({ row, answer, want }) => element('li', {},
    element('a', { href: `#${row.id}`, textContent: row.querySelector('.asked').textContent }),
    `: ${answer.saw}, not ${want}`));
  if (failed.length > lines.length) lines.push(element('li', { textContent: `and ${failed.length - lines.length} more` }));
  $('unexpected').replaceChildren(...lines);
  $('unexpected').hidden = !failed.length;

  window.__results = cases.map(({ group, from, question, want, answer, state }) => (
    { group: group.title, from, asked: source(question), want, ...answer, pass: state === 'pass' }));
  $('results').textContent = JSON.stringify(window.__results, null, 1).replaceAll('<', '\\u003c');
  document.title = `${failed.length ? `${failed.length} unexpected` : score}: CORS, tried live`;
  document.documentElement.dataset.result = failed.length ? 'fail' : 'pass';
}

// Where no answer may be read, "blocked" proves something only if the API is
// there at all: no-cors asks without reading.
async function apiAnswers() {
  return fetch(api, { mode: 'no-cors' }).then(() => true, () => false);
}

async function run() {
  const started = performance.now();
  const id = Date.now().toString(36);
  document.documentElement.dataset.result = 'running';
  $('again').disabled = true;
  $('headline').textContent = 'Running…';
  $('unexpected').hidden = true;
  for (const item of cases) {
    Object.assign(item, { state: 'waiting', answer: undefined });
    show(item);
  }
  progress();
  const up = await apiAnswers();
  $('alarm').hidden = up;
  $('alarm').textContent = `Nothing answers at ${api}. Is Caddy running with Caddyfile.example?`;
  // One case after the other for each origin, the origins side by side.
  const lane = async (from) => {
    for (const item of cases.filter((each) => each.from === from)) await runCase(item, id);
  };
  await Promise.all(['app', ...Object.keys(strangers)].map(lane));
  if (!up) {
    for (const item of cases) item.state = 'fail';
    cases.forEach(show);
    progress();
  }
  finish(performance.now() - started);
  $('again').disabled = false;
}

// An unfinished document in a frame holds back the page's load event until the
// first run is over, so that `chromium --headless --dump-dom` sees its result.
const unfinished = element('iframe', { hidden: true });
document.body.append(unfinished);
unfinished.contentDocument.open();

drawTable();
$('strangers').append(...Object.values(strangers).map(load));
$('again').addEventListener('click', run);
showPolicies().catch(() => {}); // the table is complete without them
run().finally(() => unfinished.contentDocument.close());
