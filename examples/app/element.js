// element makes a DOM element with properties and children.
export function element(name, props = {}, ...children) {
  const node = Object.assign(document.createElement(name), props);
  node.append(...children);
  return node;
}

// prose sets what stands between backticks as code.
export function prose(text) {
  return text.split('`').map((part, i) => (i % 2 ? element('code', { textContent: part }) : part));
}
