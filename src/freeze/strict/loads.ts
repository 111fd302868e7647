import type { Audit, DynamicLoad } from '../driver/records.js';
import { escapeRegExp } from '../../lib/text.js';

/** Modules that one place loads by name and that are not in the bundle. */
export interface MissingLoads {
  readonly load: DynamicLoad;
  readonly modules: readonly string[];
  /** The load's pattern, for people. */
  readonly pattern: string;
  /** Entries to add to `hiddenImports`. */
  readonly edit: readonly string[];
}

/** Modules that nobody means when a folder is scanned. */
const testModule = /(?:^|\.)(?:tests?|conftest|test_\w+|\w+_test|__main__|setup)(?:\.|$)/;

/**
 * First-party modules that code loads by name but that are not in the bundle, one group a place and pattern; a module is
 * named once.
 */
export function groupLoads(audit: Audit, excludes: readonly string[]): MissingLoads[] {
  const missing = [...audit.firstParty, ...audit.program].filter((module) => !module.present);
  // A module of the project can be found both ways.
  const absent = [...new Set(missing.map((module) => module.name))].filter(
    (name) => !excludes.some((excluded) => name === excluded || name.startsWith(`${excluded}.`)),
  );
  const named = new Set<string>();
  const groups: MissingLoads[] = [];
  for (const load of audit.loads) {
    const modules = absent.filter((name) => !named.has(name) && matchesLoad(load, name));
    if (modules.length === 0) continue;
    for (const module of modules) named.add(module);
    groups.push({ load, modules, pattern: load.pattern, edit: editFor(load, modules) });
  }
  return groups;
}

/** Whether a place may load a module. Test modules are meant only when they are named in full. */
export function matchesLoad(load: DynamicLoad, module: string): boolean {
  if (!load.pattern.includes('*')) return load.pattern === module;
  if (testModule.test(module)) return false;
  const parts = load.pattern.split('*').map(escapeRegExp);
  // One unknown part stands for one name: f"services.{name}" loads children, not grandchildren.
  const hole = String.raw`\w+`;
  return new RegExp(`^${parts.join(hole)}${load.deep ? String.raw`(?:\.\w+)*` : ''}$`).test(module);
}

/** The fewest entries of `hiddenImports` that cover what is missing. */
function editFor(load: DynamicLoad, modules: readonly string[]): readonly string[] {
  const star = load.pattern.indexOf('*');
  if (star < 0) return [load.pattern];
  const before = load.pattern.slice(0, star);
  const prefix = before.slice(0, Math.max(0, before.lastIndexOf('.')));
  if (prefix === '') return modules;
  const deep = load.deep || modules.some((module) => module.slice(prefix.length + 1).includes('.'));
  return [`${prefix}.${deep ? '**' : '*'}`];
}
