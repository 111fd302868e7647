import type { TreeNode } from './tree.js';

/** Where a node is drawn, in pixels. */
export interface Box {
  readonly node: TreeNode;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Area {
  readonly node: TreeNode;
  readonly area: number;
}

/** Rows of boxes whose sides are as equal as possible: https://www.win.tue.nl/~vanwijk/stm.pdf. */
export function squarify(
  nodes: readonly TreeNode[],
  x: number,
  y: number,
  width: number,
  height: number,
): Box[] {
  const boxes: Box[] = [];
  const total = nodes.reduce((sum, node) => sum + node.bytes, 0);
  if (total === 0 || width <= 0 || height <= 0) return boxes;
  const scale = (width * height) / total;
  let rest = { x, y, width, height };
  let row: Area[] = [];
  for (const node of nodes) {
    const next = { node, area: node.bytes * scale };
    const side = Math.min(rest.width, rest.height);
    if (row.length > 0 && worstRatio([...row, next], side) > worstRatio(row, side)) {
      rest = placeRow(row, rest, boxes);
      row = [];
    }
    row.push(next);
  }
  if (row.length > 0) placeRow(row, rest, boxes);
  return boxes;
}

/** Of the boxes of a row, how far from a square the worst is. */
function worstRatio(row: readonly Area[], side: number): number {
  const sum = row.reduce((all, { area }) => all + area, 0);
  return row.reduce(
    (worst, { area }) =>
      Math.max(worst, (side * side * area) / (sum * sum), (sum * sum) / (side * side * area)),
    0,
  );
}

type Space = Omit<Box, 'node'>;

/** Place a row along the shorter side; returns what is left. */
function placeRow(row: readonly Area[], space: Space, boxes: Box[]): Space {
  const { x, y, width, height } = space;
  const across = width >= height;
  const depth = row.reduce((all, { area }) => all + area, 0) / (across ? height : width);
  let offset = 0;
  for (const { node, area } of row) {
    const length = area / depth;
    boxes.push(
      across
        ? { node, x, y: y + offset, width: depth, height: length }
        : { node, x: x + offset, y, width: length, height: depth },
    );
    offset += length;
  }
  return across
    ? { x: x + depth, y, width: width - depth, height }
    : { x, y: y + depth, width, height: height - depth };
}
