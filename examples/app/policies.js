// Reads the policies out of the Caddyfile that Caddy runs, so that the page
// shows what is in force and not what was once copied.
import { element } from './element.js';

// statements returns the directives called name in the site with the given
// port: each with its path, its lines and the comment above it.
function statements(caddyfile, port, name) {
  const lines = caddyfile.split(/\r?\n/);
  const start = lines.findIndex((line) => line.startsWith('http') && line.endsWith(`:${port} {`));
  const site = start < 0 ? [] : lines.slice(start + 1, lines.indexOf('}', start)).map((line) => line.slice(1));
  const found = [];
  let comment = [];
  for (let i = 0; i < site.length; i++) {
    if (site[i].startsWith('#')) {
      comment.push(site[i]);
      continue;
    }
    if (site[i].split(' ')[0] === name) {
      const end = site[i].endsWith('{') ? site.indexOf('}', i) : i;
      const path = site[i].split(' ').find((word) => word.startsWith('/')) ?? '*';
      found.push({ path, comment, lines: site.slice(i, end + 1) });
    }
    comment = [];
  }
  return found;
}

function draw({ comment, lines }) {
  const node = element('span', { className: 'statement' });
  for (const line of comment) node.append(element('i', { textContent: `${line}\n` }));
  for (const line of lines) {
    const [, indent, word, rest] = line.match(/^(\t*)(\S*)(.*)$/);
    node.append(indent.replaceAll('\t', '  '), element('b', { textContent: word }), `${rest}\n`);
  }
  node.append('\n');
  return node;
}

// readPolicies returns the API's cors directives, the header directives of the
// service behind it that speak CORS, and decides, which finds the policy for a
// path: as in Caddy, the most specific one, unless it only reports.
export async function readPolicies(url, apiPort, servicePort) {
  const caddyfile = await (await fetch(url)).text();
  const policies = statements(caddyfile, apiPort, 'cors');
  const wrong = statements(caddyfile, servicePort, 'header').filter(({ lines }) => lines.join().includes('Access-Control'));
  for (const statement of [...policies, ...wrong]) statement.node = draw(statement);
  policies.forEach(({ node }, i) => { node.id = `policy-${i + 1}`; });
  const inForce = policies.filter(({ lines }) => !lines.includes('\treport_only'));
  const bySpecificity = inForce.toSorted((a, b) => b.path.length - a.path.length);
  const decides = (path) => bySpecificity.find((policy) => policy.path === '*' || path.startsWith(policy.path.replace('*', '')));
  return { policies, wrong, decides };
}
