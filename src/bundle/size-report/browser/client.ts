/**
 * Script of the size report. It runs in the reader's browser, without network, from a file: reads the page's own JSON, draws
 * the treemap, and keeps the place in the address, so that the browser's back button works.
 */
import { formatBytes } from '../../../lib/text.js';
import type { ReportData } from '../report-data.js';
import { byId, offerTheme } from './page.js';
import { squarify, type Box } from './squarify.js';
import { buildTree, findNode, matches, pathOf, sortedChildren, type TreeNode } from './tree.js';

const data = JSON.parse(byId('data').textContent) as ReportData;
const root = buildTree(data);
const map = byId('map');
const path = byId('path');
const hint = byId('hint');
const search = byId('search') as HTMLInputElement;

/** What a box of the map, or a step of the path, stands for. */
const nodes = new WeakMap<Element, TreeNode>();
let current = placeInAddress();

const percent = (part: number, whole: number): string =>
  `${(whole === 0 ? 0 : (part / whole) * 100).toFixed(1)} %`;

function describe(node: TreeNode): string {
  const parts = [pathOf(node).join(' / '), formatBytes(node.bytes), percent(node.bytes, root.bytes)];
  return [...parts, ...(node.kind === null ? [] : [node.kind])].join(' · ');
}

function placeInAddress(): TreeNode {
  return findNode(root, location.hash.slice(1).split('/').filter(Boolean).map(decodeURIComponent));
}

function addBox({ node, x, y, width, height }: Box, depth: number, wanted: string): void {
  const box = document.createElement('button');
  box.type = 'button';
  box.className = 'box';
  box.tabIndex = depth === 0 ? 0 : -1;
  box.style.cssText = `left:${x}px;top:${y}px;width:${width}px;height:${height}px;--hue:${node.hue};--depth:${depth}`;
  box.setAttribute('aria-label', describe(node));
  box.dataset['path'] = pathOf(node).join('/');
  if (width > 34 && height > 18) box.append(...labels(node, width, height));
  if (wanted !== '' && !matches(node, wanted)) box.classList.add('dim');
  nodes.set(box, node);
  map.append(box);
  if (depth >= 3 || node.children.size === 0 || width <= 50 || height <= 44) return;
  for (const inner of squarify(sortedChildren(node), x + 3, y + 20, width - 6, height - 23)) {
    if (inner.width > 5 && inner.height > 5) addBox(inner, depth + 1, wanted);
  }
}

/** Name and size, as far as there is room. */
function labels(node: TreeNode, width: number, height: number): HTMLElement[] {
  const name = document.createElement('span');
  name.textContent = node.name;
  if (height <= 36 || (node.children.size > 0 && width <= 120)) return [name];
  if (node.children.size > 0) {
    name.textContent += `  ${formatBytes(node.bytes)}`;
    return [name];
  }
  const size = document.createElement('span');
  size.className = 'size';
  size.textContent = formatBytes(node.bytes);
  return [name, size];
}

/** Boxes and path are made anew each time. Focus that was on one of them goes to the same place or to what takes its place. */
function draw(from: TreeNode = current): void {
  const active = document.activeElement;
  const focused = map.contains(active) || path.contains(active);
  const focusedNode = from === current && active !== null ? nodes.get(active) : undefined;
  map.replaceChildren();
  const wanted = search.value.trim().toLowerCase();
  for (const box of squarify(sortedChildren(current), 0, 0, map.clientWidth, map.clientHeight)) {
    if (box.width > 1 && box.height > 1) addBox(box, 0, wanted);
  }
  drawPath();
  hint.textContent = 'Click a box to look inside; Escape goes back up.';
  if (focused) focusOn(focusedNode ?? branchOf(from));
}

function drawPath(): void {
  const steps: TreeNode[] = [];
  for (let node: TreeNode | null = current; node !== null; node = node.parent) steps.unshift(node);
  path.replaceChildren(
    ...steps.map((node) => {
      const item = document.createElement('li');
      const step = document.createElement(node === current ? 'span' : 'button');
      step.textContent = node === current ? `${node.name} (${formatBytes(node.bytes)})` : node.name;
      if (step instanceof HTMLButtonElement) {
        step.type = 'button';
        step.addEventListener('click', () => go(node));
        nodes.set(step, node);
      } else {
        step.setAttribute('aria-current', 'location');
      }
      item.append(step);
      return item;
    }),
  );
}

/** The box of the current level in which a node lies; undefined when it lies elsewhere. */
function branchOf(node: TreeNode): TreeNode | undefined {
  let branch = node;
  while (branch.parent !== null && branch.parent !== current) branch = branch.parent;
  return branch.parent === null ? undefined : branch;
}

function focusOn(node: TreeNode | undefined): void {
  const places = [...map.querySelectorAll('button'), ...path.querySelectorAll('button')];
  const place = node === undefined ? undefined : places.find((one) => nodes.get(one) === node);
  (place ?? places[0] ?? map).focus({ preventScroll: true });
}

/** Drawn at once, not when the browser reports the new address: what is pressed next must meet what is to be seen. */
function go(node: TreeNode): void {
  location.hash = pathOf(node).map(encodeURIComponent).join('/');
  follow();
}

function follow(): void {
  const from = current;
  current = placeInAddress();
  if (current !== from) draw(from);
}

/** The node under an event in the map. */
function nodeAt({ target }: Event): TreeNode | undefined {
  const box = target instanceof Element ? target.closest('.box') : null;
  return box === null ? undefined : nodes.get(box);
}

// One level at a time, whatever box inside was hit: the reader sees where things are.
map.addEventListener('click', (event) => {
  const hit = nodeAt(event);
  if (hit === undefined) return;
  const node = branchOf(hit) ?? hit;
  if (node.children.size > 0) go(node);
  else hint.textContent = describe(hit);
});
for (const type of ['mouseover', 'focusin']) {
  map.addEventListener(type, (event) => {
    const node = nodeAt(event);
    if (node !== undefined) hint.textContent = describe(node);
  });
}
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && current.parent !== null) go(current.parent);
});
search.addEventListener('input', () => draw());
addEventListener('hashchange', follow);
new ResizeObserver(() => draw()).observe(map);

for (const button of document.querySelectorAll<HTMLElement>('[data-owner]')) {
  button.addEventListener('click', () => {
    const title = data.owners[Number(button.dataset['owner'])]?.title;
    const owner = title === undefined ? undefined : root.children.get(title);
    if (owner === undefined) return;
    go(owner);
    map.scrollIntoView({ block: 'center' });
    focusOn(undefined);
  });
}

async function copy(button: HTMLElement): Promise<void> {
  const code = button.previousElementSibling;
  if (code === null) return;
  try {
    await navigator.clipboard.writeText(code.textContent);
    button.textContent = 'Copied';
  } catch {
    getSelection()?.selectAllChildren(code);
    button.textContent = 'Selected';
  }
  setTimeout(() => {
    button.textContent = 'Copy';
  }, 2000);
}
for (const button of document.querySelectorAll<HTMLElement>('[data-copy]')) {
  button.addEventListener('click', () => void copy(button));
}

offerTheme();
draw();
