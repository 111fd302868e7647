import { standardLibraryModules } from '../../lib/standard-library.js';

/** What the companion wrote when the program was ready. */
export interface ImportNotes {
  /** When it began to look, in milliseconds of the system's clock. */
  readonly begunAt: number;
  /** From then until the program was ready. */
  readonly readyMs: number;
  /** Module, row of what imports it (-1: nothing), milliseconds with all that it imports. */
  readonly imports: readonly (readonly [module: string, importer: number, ms: number])[];
}

/** How long a start took, and where. Milliseconds. */
export interface Startup extends ImportNotes {
  /** From the start to Python's first line: the program's loader, unpacking, Python itself. */
  readonly beforeMs: number;
}

/** Time that modules of one owner took by themselves. */
export interface OwnerCost {
  readonly owner: string;
  readonly ms: number;
  readonly modules: number;
}

/** What the project's own code imports of others, with all that comes with it. */
interface ImportCost {
  /** The project's module. */
  readonly importer: string;
  /** Package at the top. */
  readonly imported: string;
  readonly ms: number;
}

/** Where the time of a start went. */
export interface StartupCosts {
  readonly totalMs: number;
  readonly phases: readonly { readonly title: string; readonly ms: number }[];
  /** The most expensive first. */
  readonly owners: readonly OwnerCost[];
  /** The most expensive first. */
  readonly imports: readonly ImportCost[];
}

const companion = 'electron_pyinstaller';
const ownCode = 'the project';

/** The phase that the imports make up. */
export const importPhase = 'imports';

/**
 * Sum up a start. Pure.
 *
 * @param distributionOf - the distribution of a package at the top, by its name; left out: the project's own
 */
export function costsOf(
  { beforeMs, readyMs, imports }: Startup,
  distributionOf: ReadonlyMap<string, string>,
): StartupCosts {
  const owners = imports.map(([module]) => ownerOf(module, distributionOf));
  const alone = imports.map(([, , ms]) => ms);
  for (const [, importer, ms] of imports) if (importer >= 0) alone[importer] = (alone[importer] ?? 0) - ms;
  const byOwner = new Map<string, { ms: number; modules: number }>();
  const byImport = new Map<string, ImportCost>();
  let importsMs = 0;
  for (const [row, [module, importer, ms]] of imports.entries()) {
    const owner = owners[row] ?? ownCode;
    const sum = byOwner.get(owner) ?? { ms: 0, modules: 0 };
    byOwner.set(owner, { ms: sum.ms + (alone[row] ?? 0), modules: sum.modules + 1 });
    if (importer < 0) importsMs += ms;
    const from = imports[importer]?.[0];
    if (from === undefined || owners[importer] !== ownCode || owner === ownCode) continue;
    const key = `${from} ${topOf(module)}`;
    const before = byImport.get(key)?.ms ?? 0;
    byImport.set(key, { importer: from, imported: topOf(module), ms: before + ms });
  }
  return {
    totalMs: beforeMs + readyMs,
    phases: [
      { title: 'until Python runs', ms: beforeMs },
      { title: importPhase, ms: importsMs },
      { title: 'start of the application', ms: Math.max(0, readyMs - importsMs) },
    ],
    owners: [...byOwner].map(([owner, cost]) => ({ owner, ...cost })).sort((a, b) => b.ms - a.ms),
    imports: [...byImport.values()].sort((a, b) => b.ms - a.ms),
  };
}

function topOf(module: string): string {
  return module.split('.', 1)[0] ?? module;
}

/** Whose a module is: a distribution's, Python's, ours or the project's. */
export function ownerOf(module: string, distributionOf: ReadonlyMap<string, string>): string {
  const top = topOf(module);
  if (top === companion) return 'electron-pyinstaller';
  return distributionOf.get(top) ?? (standardLibraryModules.has(top) ? 'Python' : ownCode);
}
