// What pages do: every page, frame and worker loads this script and carries
// out the steps that the top page sends it.
'use strict';

performance.setResourceTimingBufferSize(100000); // 250 by default

const patience = 25000; // ms until a step that hears nothing gives up

function fetchOptions(step) {
  const options = { method: step.method, headers: step.headers || [], keepalive: step.keepalive };
  for (const name of ['credentials', 'mode', 'redirect', 'cache', 'body']) {
    if (step[name]) options[name] = step[name];
  }
  if (step.policy) options.referrerPolicy = step.policy;
  if (step.streamed) {
    options.duplex = 'half';
    options.body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(step.body));
        controller.close();
      },
    });
  }
  return options;
}

async function seen(response, body) {
  if (response.type === 'opaque' || response.type === 'opaqueredirect') {
    return { outcome: response.type };
  }
  return { outcome: String(response.status), names: [...response.headers.keys()], body: await body() };
}

const acts = {
  async fetch(step) {
    const response = await fetch(step.url, fetchOptions(step));
    return seen(response, () => response.text());
  },

  // stream asks for the second half when it has the first, so a server or
  // proxy that waits for the end never gets there.
  async stream(step) {
    const response = await fetch(step.url, fetchOptions(step));
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    let text = '';
    while (!text.includes('first')) text += decoder.decode((await reader.read()).value);
    await fetch('/_e2e/release?key=' + step.key);
    for (let chunk; !(chunk = await reader.read()).done;) text += decoder.decode(chunk.value);
    return seen(response, async () => text);
  },

  xhr(step) {
    return new Promise((resolve, reject) => {
      const xhr = new XMLHttpRequest();
      xhr.open(step.method, step.url);
      for (const [name, value] of step.headers || []) xhr.setRequestHeader(name, value);
      xhr.withCredentials = step.credentials === 'include';
      if (step.upload) xhr.upload.addEventListener('progress', () => {});
      xhr.onerror = () => reject(new Error('xhr error'));
      xhr.onload = () => resolve({
        outcome: String(xhr.status),
        names: xhr.getAllResponseHeaders().split('\r\n').filter(Boolean).map((line) => line.split(':')[0]),
        body: xhr.responseText,
      });
      xhr.send(step.body || null);
    });
  },

  events(step) {
    return new Promise((resolve, reject) => {
      const source = new EventSource(step.url, { withCredentials: step.credentials === 'include' });
      let left = step.events || 1;
      source.onmessage = (event) => {
        if (--left > 0) return;
        source.close();
        resolve({ outcome: 'open', body: event.data });
      };
      source.onerror = () => {
        if (source.readyState === EventSource.CLOSED) reject(new Error('closed'));
      };
    });
  },

  socket(step) {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(step.url);
      socket.onmessage = (event) => {
        socket.close();
        resolve({ outcome: 'open', body: event.data });
      };
      socket.onerror = () => reject(new Error('socket error'));
    });
  },

  async import(step) {
    await import(step.url);
    return { outcome: 'load' };
  },

  async font(step) {
    await new FontFace('e2e', 'url("' + step.url + '")').load();
    return { outcome: 'load' };
  },

  async face(step) {
    const style = document.createElement('style');
    const family = 'e2e-' + Math.random().toString(36).slice(2);
    style.textContent = '@font-face { font-family: ' + family + '; src: url("' + step.url + '") }';
    document.head.append(style);
    // The style sheet may not have been looked at yet.
    for (let tries = 0; tries < 100; tries++) {
      const face = [...document.fonts].find((f) => f.family.includes(family));
      if (face) {
        await face.load();
        return { outcome: 'load' };
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return { outcome: 'no-face' };
  },

  async timing(step) {
    if (step.cross === 'none') await loaded(new Image(), 'src', step);
    else await (await fetch(step.url)).text();
    for (let tries = 0; tries < 50; tries++) { // entries come a little later
      const [entry] = performance.getEntriesByName(step.url);
      if (entry) return { outcome: entry.requestStart > 0 ? 'timed' : 'untimed' };
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return { outcome: 'error', detail: 'no entry' };
  },

  beacon(step) {
    const [header] = step.headers || [];
    const body = new Blob([step.body], { type: header ? header[1] : 'text/plain;charset=UTF-8' });
    return { outcome: navigator.sendBeacon(step.url, body) ? 'queued' : 'refused' };
  },

  async image(step) {
    const image = await loaded(new Image(), 'src', step);
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 1;
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    return open(() => context.getImageData(0, 0, 1, 1));
  },

  async style(step) {
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    await loaded(link, 'href', step);
    return open(() => link.sheet.cssRules.length);
  },

  async script(step) {
    await loaded(document.createElement('script'), 'src', step);
    return { outcome: 'load' };
  },

  async module(step) {
    const script = document.createElement('script');
    script.type = 'module';
    await loaded(script, 'src', step);
    return { outcome: 'load' };
  },
};

// loaded waits for an element that loads by itself.
function loaded(element, attribute, step) {
  return new Promise((resolve, reject) => {
    element.onload = () => resolve(element);
    element.onerror = () => reject(new Error('error event'));
    if (step.cross !== 'none') element.crossOrigin = step.cross;
    element[attribute] = step.url;
    document.head.append(element);
  });
}

// open tells whether the page may look into what was loaded.
function open(look) {
  try {
    look();
    return { outcome: 'load' };
  } catch (e) {
    return { outcome: 'tainted', detail: String(e) };
  }
}

// act carries out one step and never fails.
async function act(step) {
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve({ outcome: 'timeout' }), patience);
  });
  const done = (async () => acts[step.kind](step))()
    .catch((e) => ({ outcome: 'error', detail: String(e) }));
  const result = await Promise.race([done, late]);
  clearTimeout(timer);
  return result;
}

// Below the top page: take steps from it, one message each.
if (typeof document === 'undefined' || window !== window.top) {
  const top = typeof document === 'undefined' ? self : window.parent;
  const reply = (message) => (top === self ? self.postMessage(message) : top.postMessage(message, '*'));
  self.addEventListener('message', async (event) => {
    reply({ id: event.data.id, result: await act(event.data.step) });
  });
  reply({ ready: true });
}
