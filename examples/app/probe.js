// probe asks the API one question as any page would, and tells what the
// browser let the page see of the answer. The app and the strangers share it,
// so that only the origin differs. It is a classic script because a sandboxed
// page, whose origin is null, may not load modules.
//
// question: {how, method, path, headers, body, credentials, mode, header, counter}
// answer:   {saw, detail}: a short phrase, and the body, time or error behind it
async function probe(url, question) {
  const ask = probe.ways[question.how ?? 'fetch'];
  const late = new Promise((resolve) => {
    setTimeout(resolve, 10_000, { saw: 'no answer', detail: 'nothing came back in ten seconds' });
  });
  try {
    return await Promise.race([ask(url, question), late]);
  } catch (error) {
    // Whatever the cause, a page that is not allowed to read learns only this.
    return { saw: 'blocked', detail: `${error.name}: ${error.message}` };
  }
}

probe.init = ({ method, headers, body, credentials, mode }) => ({ method, headers, body, credentials, mode });

probe.ways = {
  async fetch(url, question) {
    const response = await fetch(url, probe.init(question));
    if (response.type === 'opaque') return { saw: 'sent, unreadable', detail: 'an opaque response' };
    return { saw: `reads ${response.status}`, detail: await response.text() };
  },

  async header(url, question) {
    const response = await fetch(url, probe.init(question));
    const value = response.headers.get(question.header);
    return { saw: value === null ? 'hidden' : `reads ${value}`, detail: `status ${response.status}` };
  },

  // counter asks between two looks at the API's metrics.
  async counter(url, question) {
    const count = async () => {
      const metrics = await (await fetch(new URL('/metrics', url))).text();
      const line = metrics.split('\n').find((each) => each.startsWith('caddy_cors_requests_total') && each.includes(question.counter));
      return Number(line?.split(' ').at(-1) ?? 0);
    };
    const before = await count();
    const { status } = await fetch(url, probe.init(question));
    const after = await count();
    return { saw: `counts ${after - before} more`, detail: `status ${status}, ${before} before and ${after} after` };
  },

  async timing(url, question) {
    await (await fetch(url, probe.init(question))).text();
    // The entry is queued shortly after the body has ended.
    await new Promise((resolve) => setTimeout(resolve, 100));
    const entry = performance.getEntriesByName(url).at(-1);
    if (!entry?.requestStart) return { saw: 'hidden', detail: 'requestStart is 0' };
    return { saw: 'reads timing', detail: `first byte after ${(entry.responseStart - entry.requestStart).toFixed(1)} ms` };
  },

  async stream(url, question) {
    const reader = (await fetch(url, probe.init(question))).body.getReader();
    const times = [];
    for (let part = await reader.read(); !part.done; part = await reader.read()) times.push(performance.now());
    const span = Math.round(times.at(-1) - times[0]);
    return { saw: span > 400 ? 'reads live' : 'reads at once', detail: `${times.length} parts over ${span} ms` };
  },

  async import(url) {
    return { saw: 'runs', detail: (await import(url)).default };
  },

  upload(url, { method, body }) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open(method, url);
      request.upload.onprogress = () => {};
      request.onload = () => resolve({ saw: `reads ${request.status}`, detail: request.responseText });
      request.onerror = () => reject(new TypeError('XMLHttpRequest failed'));
      request.send(body);
    });
  },

  events(url, { credentials }) {
    return new Promise((resolve, reject) => {
      const source = new EventSource(url, { withCredentials: credentials === 'include' });
      const seen = [];
      source.onmessage = ({ data }) => {
        if (seen.push(data) < 3) return;
        source.close();
        resolve({ saw: 'reads 3 events', detail: seen.join(', ') });
      };
      source.onerror = () => {
        source.close();
        reject(new TypeError('EventSource failed'));
      };
    });
  },

  socket(url) {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url.replace('http', 'ws'));
      socket.onopen = () => socket.send('hello');
      socket.onmessage = ({ data }) => {
        socket.close();
        resolve({ saw: 'echoes', detail: data });
      };
      socket.onerror = () => reject(new TypeError('WebSocket failed'));
    });
  },
};
