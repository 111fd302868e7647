import type { ReportData } from '../report-data.js';

/** An owner, a folder, a file or a module; the root is the whole bundle. */
export interface TreeNode {
  name: string;
  bytes: number;
  children: Map<string, TreeNode>;
  parent: TreeNode | null;
  /** Hue of the owner, as a value of CSS. */
  readonly hue: string;
  kind: string | null;
}

/** The tree: owners, then folders, then files and modules. */
export function buildTree(data: ReportData): TreeNode {
  const root: TreeNode = {
    name: data.backend,
    bytes: 0,
    children: new Map(),
    parent: null,
    hue: '0',
    kind: null,
  };
  const owners = data.owners.map((owner, index) => childOf(root, owner.title, `var(--h${index % 8})`));
  for (const [owner, path, bytes, kind] of data.parts) {
    const top = owners[owner];
    if (top === undefined) continue;
    let node = top;
    for (const name of path.split('/')) node = childOf(node, name, top.hue);
    node.kind = data.kinds[kind] ?? null;
    for (let up: TreeNode | null = node; up !== null; up = up.parent) up.bytes += bytes;
  }
  collapse(root);
  for (const [key, node] of root.children) if (node.bytes === 0) root.children.delete(key);
  return root;
}

function childOf(node: TreeNode, name: string, hue: string): TreeNode {
  const known = node.children.get(name);
  if (known !== undefined) return known;
  const fresh: TreeNode = { name, bytes: 0, children: new Map(), parent: node, hue, kind: null };
  node.children.set(name, fresh);
  return fresh;
}

/** A folder with one folder in it is shown as one box. */
function collapse(node: TreeNode): void {
  for (const one of node.children.values()) collapse(one);
  if (node.parent === null || node.parent.parent === null || node.children.size !== 1) return;
  const [only] = node.children.values();
  if (only === undefined || only.children.size === 0) return;
  node.name += `/${only.name}`;
  node.children = only.children;
  for (const one of node.children.values()) one.parent = node;
}

/** What is below, the largest first. */
export function sortedChildren(node: TreeNode): TreeNode[] {
  return [...node.children.values()].filter((one) => one.bytes > 0).sort((a, b) => b.bytes - a.bytes);
}

/** The names from below the root to a node. */
export function pathOf(node: TreeNode): string[] {
  return node.parent === null ? [] : [...pathOf(node.parent), node.name];
}

/** The node with these names, or the last of them that there is. */
export function findNode(root: TreeNode, names: readonly string[]): TreeNode {
  let node = root;
  for (const name of names) {
    const next = [...node.children.values()].find((one) => one.name === name);
    if (next === undefined) return node;
    node = next;
  }
  return node;
}

/** Whether a text stands in the path of a node or of anything below it. */
export function matches(node: TreeNode, text: string): boolean {
  return (
    pathOf(node).join('/').toLowerCase().includes(text) ||
    [...node.children.values()].some((one) => matches(one, text))
  );
}
