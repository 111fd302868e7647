/**
 * Script of the report about a start: opens a box of the flame view to the full width, and lets the keyboard walk through the boxes,
 * which lie in the page in the order of the tree.
 */
import { byId, offerTheme } from './page.js';

const map = byId('map');
const hint = byId('hint');
const boxes = [...map.querySelectorAll('button')];
const depthOf = (box: HTMLElement | undefined): number => Number(box?.dataset['depth'] ?? -1);

/** The box at a step's place in the order of the tree, when it is as deep as wanted and nothing in between is higher. */
function neighbour(from: HTMLButtonElement, step: 1 | -1, depth: number): HTMLButtonElement | undefined {
  for (let index = boxes.indexOf(from) + step; ; index += step) {
    const box = boxes[index];
    if (box === undefined || depthOf(box) < depth) return undefined;
    if (depthOf(box) === depth) return box;
  }
}

const parentOf = (box: HTMLButtonElement): HTMLButtonElement | undefined =>
  neighbour(box, -1, depthOf(box) - 1);

let open: HTMLButtonElement | undefined;

/** Show a box at the full width; undefined: everything. */
function zoom(box: HTMLButtonElement | undefined): void {
  open = box;
  map.style.setProperty('--from', box?.style.getPropertyValue('--x') ?? '0');
  map.style.setProperty('--span', box?.style.getPropertyValue('--w') ?? '100');
}

function tell(box: HTMLButtonElement): void {
  hint.textContent = box.getAttribute('aria-label');
}

/** One stop for the tabulator: from there the arrows lead on. */
function focusOn(box: HTMLButtonElement | undefined): void {
  if (box === undefined) return;
  for (const one of boxes) one.tabIndex = one === box ? 0 : -1;
  box.focus({ preventScroll: true });
}

function next(box: HTMLButtonElement, key: string): HTMLButtonElement | undefined {
  const after = boxes[boxes.indexOf(box) + 1];
  if (key === 'ArrowDown') return depthOf(after) > depthOf(box) ? after : undefined;
  if (key === 'ArrowUp') return parentOf(box);
  return neighbour(box, key === 'ArrowRight' ? 1 : -1, depthOf(box));
}

for (const box of boxes) {
  box.addEventListener('click', () => {
    zoom(box === open ? parentOf(box) : box);
    focusOn(box);
  });
  for (const type of ['mouseover', 'focus']) box.addEventListener(type, () => tell(box));
  box.addEventListener('keydown', (event) => {
    if (!event.key.startsWith('Arrow')) return;
    event.preventDefault();
    focusOn(next(box, event.key));
  });
}
document.addEventListener('keydown', ({ key }) => {
  if (key === 'Escape' && open !== undefined) zoom(parentOf(open));
});
offerTheme();
