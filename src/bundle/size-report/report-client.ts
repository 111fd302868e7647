/**
 * Script of the size report, as text: it runs in the reader's browser, without network, from a file. Reads the page's own
 * JSON, draws the treemap (squarified: https://www.win.tue.nl/~vanwijk/stm.pdf), and keeps the place in the address, so that
 * the browser's back button works.
 */
export const reportClient = String.raw`
'use strict';
const data = JSON.parse(document.getElementById('data').textContent);
const byId = (id) => document.getElementById(id);
const map = byId('map'), hint = byId('hint'), search = byId('search');
const units = ['kB', 'MB', 'GB', 'TB'];
const format = (bytes) => {
  if (bytes < 1000) return bytes === 1 ? '1 byte' : bytes + ' bytes';
  let unit = -1;
  while ((bytes >= 999.5 || unit === -1) && unit < 3) { bytes /= 1000; unit++; }
  return (bytes < 9.95 ? bytes.toFixed(1) : bytes.toFixed(0)) + ' ' + units[unit];
};
const percent = (part, whole) => (whole === 0 ? 0 : (part / whole) * 100).toFixed(1) + ' %';

// The tree: owner, then folders, then files and modules.
const root = { name: data.backend, bytes: 0, children: new Map(), parent: null, hue: 0 };
const child = (node, name, hue) => {
  let found = node.children.get(name);
  if (!found) node.children.set(name, (found = { name, bytes: 0, children: new Map(), parent: node, hue, kind: null }));
  return found;
};
data.owners.forEach((owner, index) => { child(root, owner.title, 'var(--h' + (index % 8) + ')'); });
for (const [owner, path, bytes, kind] of data.parts) {
  const top = root.children.get(data.owners[owner].title);
  let node = top;
  for (const name of path.split('/')) node = child(node, name, top.hue);
  node.kind = data.kinds[kind];
  for (let up = node; up; up = up.parent) up.bytes += bytes;
}
// A folder with one folder in it is shown as one box.
const collapse = (node) => {
  for (const one of [...node.children.values()]) collapse(one);
  if (node.parent && node.parent !== root && node.children.size === 1) {
    const [only] = node.children.values();
    if (only.children.size > 0) {
      node.name += '/' + only.name;
      node.children = only.children;
      for (const one of node.children.values()) one.parent = node;
    }
  }
};
collapse(root);
for (const [key, node] of [...root.children]) if (node.bytes === 0) root.children.delete(key);

const sorted = (node) => [...node.children.values()].filter((one) => one.bytes > 0).sort((a, b) => b.bytes - a.bytes);
const pathOf = (node) => (node.parent ? [...pathOf(node.parent), node.name] : []);
const find = (names) => {
  let node = root;
  for (const name of names) {
    const next = [...node.children.values()].find((one) => one.name === name);
    if (!next) return node;
    node = next;
  }
  return node;
};

// Rows of boxes whose sides are as equal as possible.
const squarify = (nodes, x, y, w, h) => {
  const boxes = [];
  const total = nodes.reduce((sum, node) => sum + node.bytes, 0);
  if (total === 0 || w <= 0 || h <= 0) return boxes;
  const scale = (w * h) / total;
  let row = [], rowArea = 0, at = 0;
  const worst = (areas, sum, side) => {
    let result = 0;
    for (const area of areas) result = Math.max(result, (side * side * area) / (sum * sum), (sum * sum) / (side * side * area));
    return result;
  };
  const place = () => {
    const across = w >= h;
    const depth = rowArea / (across ? h : w);
    let offset = 0;
    for (const { node, area } of row) {
      const length = area / depth;
      boxes.push(across ? { node, x, y: y + offset, w: depth, h: length } : { node, x: x + offset, y, w: length, h: depth });
      offset += length;
    }
    if (across) { x += depth; w -= depth; } else { y += depth; h -= depth; }
    row = []; rowArea = 0;
  };
  while (at < nodes.length) {
    const area = nodes[at].bytes * scale;
    const side = Math.min(w, h);
    const areas = row.map((one) => one.area);
    if (row.length === 0 || worst([...areas, area], rowArea + area, side) <= worst(areas, rowArea, side)) {
      row.push({ node: nodes[at], area });
      rowArea += area;
      at++;
    } else place();
  }
  if (row.length > 0) place();
  return boxes;
};

let current = root;
const describe = (node) =>
  pathOf(node).join(' / ') + ' · ' + format(node.bytes) + ' · ' + percent(node.bytes, root.bytes) + (node.kind ? ' · ' + node.kind : '');
const matches = (node, text) => pathOf(node).join('/').toLowerCase().includes(text) || [...node.children.values()].some((one) => matches(one, text));

const addBox = ({ node, x, y, w, h }, depth, wanted) => {
  const box = document.createElement('button');
  box.type = 'button';
  box.className = 'box';
  box.tabIndex = depth === 0 ? 0 : -1;
  box.style.cssText = 'left:' + x + 'px;top:' + y + 'px;width:' + w + 'px;height:' + h + 'px;--hue:' + node.hue + ';--depth:' + depth;
  box.setAttribute('aria-label', describe(node));
  box.dataset.path = pathOf(node).join('/');
  if (w > 34 && h > 18) {
    const name = document.createElement('span');
    name.textContent = node.name;
    box.append(name);
    if (h > 36 && (node.children.size === 0 || w > 120)) {
      const size = document.createElement('span');
      size.className = 'size';
      size.textContent = format(node.bytes);
      if (node.children.size === 0) box.append(size);
      else name.textContent += '  ' + format(node.bytes);
    }
  }
  if (wanted && !matches(node, wanted)) box.classList.add('dim');
  box.node = node;
  map.append(box);
  if (depth < 3 && node.children.size > 0 && w > 50 && h > 44) {
    for (const inner of squarify(sorted(node), x + 3, y + 20, w - 6, h - 23)) {
      if (inner.w > 5 && inner.h > 5) addBox(inner, depth + 1, wanted);
    }
  }
};

// Boxes and path are made anew each time. Focus that was on one of them goes to the same place or to what takes its place.
const draw = (from = current) => {
  const active = document.activeElement;
  const focused = map.contains(active) || byId('path').contains(active);
  const focusedNode = from === current ? active.node : undefined;
  map.replaceChildren();
  const wanted = search.value.trim().toLowerCase();
  for (const box of squarify(sorted(current), 0, 0, map.clientWidth, map.clientHeight)) {
    if (box.w > 1 && box.h > 1) addBox(box, 0, wanted);
  }
  const path = byId('path');
  path.replaceChildren();
  const steps = [];
  for (let node = current; node; node = node.parent) steps.unshift(node);
  for (const node of steps) {
    const item = document.createElement('li');
    const step = document.createElement(node === current ? 'span' : 'button');
    if (node === current) step.setAttribute('aria-current', 'location');
    else { step.type = 'button'; step.node = node; step.addEventListener('click', () => go(node)); }
    step.textContent = node.name + (node === current ? ' (' + format(node.bytes) + ')' : '');
    item.append(step);
    path.append(item);
  }
  hint.textContent = 'Click a box to look inside; Escape goes back up.';
  if (focused) focusOn(focusedNode ?? branchOf(from));
};

// The box of the current level in which a node lies; undefined when it lies elsewhere.
const branchOf = (node) => {
  while (node.parent && node.parent !== current) node = node.parent;
  return node.parent ? node : undefined;
};
const focusOn = (node) => {
  const places = [...map.children, ...byId('path').querySelectorAll('button')];
  (places.find((place) => node && place.node === node) ?? places[0] ?? map).focus({ preventScroll: true });
};

// Drawn at once, not when the browser reports the new address: what is pressed next must meet what is to be seen.
const go = (node) => {
  location.hash = pathOf(node).map(encodeURIComponent).join('/');
  follow();
};
const placeInAddress = () => find(location.hash.slice(1).split('/').filter(Boolean).map(decodeURIComponent));
const follow = () => {
  const from = current;
  current = placeInAddress();
  if (current !== from) draw(from);
};

// One level at a time, whatever box inside was hit: the reader sees where things are.
map.addEventListener('click', (event) => {
  const box = event.target.closest('.box');
  if (!box) return;
  let node = box.node;
  while (node.parent && node.parent !== current) node = node.parent;
  if (node.children.size > 0) go(node);
  else hint.textContent = describe(box.node);
});
map.addEventListener('mouseover', (event) => { const box = event.target.closest('.box'); if (box) hint.textContent = describe(box.node); });
map.addEventListener('focusin', (event) => { if (event.target.node) hint.textContent = describe(event.target.node); });
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && current.parent) go(current.parent);
});
search.addEventListener('input', () => draw());
addEventListener('hashchange', follow);
new ResizeObserver(() => draw()).observe(map);

for (const button of document.querySelectorAll('[data-owner]')) {
  button.addEventListener('click', () => {
    const owner = root.children.get(data.owners[Number(button.dataset.owner)].title);
    if (owner) { go(owner); map.scrollIntoView({ block: 'center' }); focusOn(); }
  });
}
for (const button of document.querySelectorAll('[data-copy]')) {
  button.addEventListener('click', async () => {
    const code = button.previousElementSibling;
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = 'Copied';
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = 'Selected';
    }
    setTimeout(() => { button.textContent = 'Copy'; }, 2000);
  });
}
byId('theme').addEventListener('click', () => {
  const dark = document.documentElement.dataset.theme ? document.documentElement.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  document.documentElement.dataset.theme = dark ? 'light' : 'dark';
});
current = placeInAddress();
draw();
`;
