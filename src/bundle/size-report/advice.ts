import path from 'node:path';
import { digestFile } from '../digest.js';
import { findUnrequested } from './distributions.js';
import { formatBytes, normalizeName, plural } from '../../lib/text.js';
import type { Advice } from './advice-item.js';
import { giants } from './giants.js';
import type { Inventory, Part } from './inventory.js';
import { mapLimited } from '../../lib/map-limited.js';

/** Less than this is not worth a line. */
const worthBytes = 50_000;

/** Used to build and install, not to run; normalised. */
const buildTools: ReadonlySet<string> = new Set(
  'pip setuptools wheel pyinstaller pyinstaller-hooks-contrib altgraph pefile macholib pywin32-ctypes cython pytest mypy black ruff flake8 pylint coverage tox sphinx ipython jupyter notebook ipykernel jedi debugpy build twine virtualenv pre-commit'.split(
    ' ',
  ),
);

const documentation =
  /(?:^|\/)(?:docs?|examples?|demos?|tutorials?)\/|\.(?:pyi|pyx|pxd|c|cc|cpp|h|hpp|cu|cuh|rst|md|html|ipynb|map|f90|cmake)$/i;
const testFolder = /(?:^|\/)(?:tests?|_tests?|conftest\.py)(?:\/|$)/;

/**
 * Find what could be left out of a bundle, with the line of configuration that does it and the bytes it saves.
 *
 * @param dir - the bundle, for comparing contents.
 * @returns the most worthwhile first.
 */
export async function advise(dir: string, stock: Inventory): Promise<Advice[]> {
  const all = [
    ...giants(stock),
    ...debugSymbols(stock),
    ...unneededDistributions(stock),
    ...tests(stock),
    ...documents(stock),
    ...(await duplicates(dir, stock)),
  ];
  return all.filter((advice) => advice.bytes >= worthBytes).sort((a, b) => b.bytes - a.bytes);
}

function debugSymbols(stock: Inventory): Advice[] {
  if (stock.owners.some((owner) => owner.spoiltByStrip.length > 0)) return [];
  const bytes = stock.owners.reduce((sum, owner) => sum + owner.strippableBytes, 0);
  const owners = stock.owners.filter((owner) => owner.strippableBytes > 0);
  return [
    {
      id: 'debug-symbols',
      title: 'Symbol tables and debug information',
      detail:
        'Only debuggers read them. The build loads every stripped library once, so one that does not survive it is noticed.',
      edit: 'pyinstaller: { strip: true }',
      bytes,
      examples: [...owners]
        .sort((a, b) => b.strippableBytes - a.strippableBytes)
        .slice(0, 3)
        .map((owner) => `${owner.name} ${formatBytes(owner.strippableBytes)}`),
    },
  ];
}

function unneededDistributions(stock: Inventory): Advice[] {
  const unrequested = findUnrequested(stock.distributions, buildTools);
  return stock.owners.flatMap((owner, index): Advice[] => {
    const name = normalizeName(owner.name);
    const isTool = buildTools.has(name);
    if (owner.type !== 'distribution' || (!isTool && !unrequested.has(name))) return [];
    const distribution = stock.distributions.find((candidate) => normalizeName(candidate.name) === name);
    const modules = distribution?.topLevel ?? [];
    if (modules.length === 0) return [];
    return [
      {
        id: isTool ? 'build-tools' : 'unrequested',
        title: isTool ? `${owner.name}, a tool for building` : `${owner.name}, which nothing asked for`,
        detail: isTool
          ? 'Something imports it, mostly in a branch that never runs in a frozen program. Leave it when your code uses it.'
          : 'It is installed in the environment, but no requirement leads to it; an optional import took it along.',
        edit: `excludes: [${modules.map((module) => `'${module}'`).join(', ')}]`,
        bytes: owner.bytes,
        examples: examples(stock.parts.filter((part) => part.owner === index)),
      },
    ];
  });
}

function tests(stock: Inventory): Advice[] {
  return stock.owners.flatMap((owner, index): Advice[] => {
    if (owner.type !== 'distribution' && owner.type !== 'python') return [];
    const parts = stock.parts.filter((part) => part.owner === index && testFolder.test(part.path));
    const modules = new Set(
      parts.flatMap((part) =>
        part.kind === 'module' || part.kind === 'extension' ? [testPackage(part.path)] : [],
      ),
    );
    const files = parts.filter((part) => part.kind === 'data');
    const inModules = parts.filter((part) => part.kind !== 'data');
    const result: Advice[] = [];
    if (modules.size > 0) {
      result.push({
        id: 'tests',
        title: `Tests of ${owner.name}`,
        detail: 'Test modules that were collected with their package.',
        edit: `excludes: [${[...modules]
          .sort()
          .map((module) => `'${module}'`)
          .join(', ')}]`,
        bytes: sum(inModules),
        examples: examples(inModules),
      });
    }
    if (files.length > 0) {
      result.push({
        id: 'tests',
        title: `Data for tests of ${owner.name}`,
        detail: collectedWhole(owner.name),
        edit: null,
        bytes: sum(files),
        examples: examples(files),
      });
    }
    return result;
  });
}

/** `numpy/core/tests/data/x.py` → `numpy.core.tests`. */
function testPackage(file: string): string {
  const parts = file.replace(/\.(?:py|pyd|so)$|\.(?:cpython-|cp\d|abi3)[^/]*$/, '').split('/');
  const at = parts.findIndex((part) => /^_?tests?$|^conftest$/.test(part));
  return parts.slice(0, at + 1).join('.');
}

function collectedWhole(name: string): string {
  return `They come with \`collect: { data: ['${name}'] }\` or \`all\`, or from a hook. Collect what is needed instead: \`data: [{ from: '<site-packages>/${name}/<folder>/**', to: '${name}/<folder>' }]\`.`;
}

function documents(stock: Inventory): Advice[] {
  return stock.owners.flatMap((owner, index): Advice[] => {
    if (owner.type !== 'distribution') return [];
    const isDocument = (part: Part): boolean =>
      part.owner === index &&
      part.kind === 'data' &&
      documentation.test(part.path) &&
      !testFolder.test(part.path);
    const parts = stock.parts.filter(isDocument);
    if (parts.length === 0) return [];
    return [
      {
        id: 'documentation',
        title: `Sources, headers and documentation of ${owner.name}`,
        detail: collectedWhole(owner.name),
        edit: null,
        bytes: sum(parts),
        examples: examples(parts),
      },
    ];
  });
}

async function duplicates(dir: string, stock: Inventory): Promise<Advice[]> {
  const bySize = new Map<number, (Part & { file: string })[]>();
  for (const part of stock.parts) {
    if (part.file === null || part.kind === 'program' || part.bytes < 4096) continue;
    bySize.set(part.bytes, [...(bySize.get(part.bytes) ?? []), { ...part, file: part.file }]);
  }
  const candidates = [...bySize.values()].filter((group) => group.length > 1).flat();
  const digests = await mapLimited(candidates, 8, (part) => digestFile(path.join(dir, part.file), 'linux'));
  const groups = new Map<string, Part[]>();
  for (const [index, part] of candidates.entries()) {
    const digest = digests[index]?.digest ?? '';
    groups.set(digest, [...(groups.get(digest) ?? []), part]);
  }
  const same = [...groups.values()].filter((group) => group.length > 1);
  const wasted = (group: readonly Part[]): number => (group[0]?.bytes ?? 0) * (group.length - 1);
  if (same.length === 0) return [];
  same.sort((a, b) => wasted(b) - wasted(a));
  return [
    {
      id: 'duplicates',
      title: `The same content several times (${plural(same.length, 'file')})`,
      detail:
        'Packages bring the same library each, or a file is collected under two names. Look for a rule in `data` or `binaries` that repeats what a hook collects; libraries inside wheels cannot be shared.',
      edit: null,
      bytes: same.reduce((total, group) => total + wasted(group), 0),
      examples: same.slice(0, 3).map((group) => group.map((part) => part.path).join(' = ')),
    },
  ];
}

function sum(parts: readonly Part[]): number {
  return parts.reduce((total, part) => total + part.bytes, 0);
}

function examples(parts: readonly Part[]): string[] {
  return parts.slice(0, 3).map((part) => part.path);
}
