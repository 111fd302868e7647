import { nearest } from '../check/nearest.js';
import { quote, type ConfigPath } from '../check/problem.js';
import type { ResolvedBackend } from '../resolved.js';

/** A backend with the means to note what is wrong with it. */
export interface NamedBackend {
  readonly backend: ResolvedBackend;
  readonly problem: (path: ConfigPath, text: string) => void;
}

/** The rules between backends: who starts after whom, and whose program has which name. */
export function checkBetween(backends: readonly NamedBackend[], allNames: readonly string[]): void {
  checkStartAfter(backends, allNames);
  const programs = new Map<string, string>();
  const documents = new Map<string, string>();
  for (const { backend, problem } of backends) {
    // Without regard to case, as on Windows and macOS.
    const program = backend.pyinstaller.name.toLowerCase();
    const other = programs.get(program);
    if (other === undefined) programs.set(program, backend.name);
    else
      problem(
        ['pyinstaller', 'name'],
        `the program would be called ${quote(backend.pyinstaller.name)}, like that of the backend "${other}"; give one of them another pyinstaller.name`,
      );
    if (backend.client === null) continue;
    const file = backend.client.document.toLowerCase();
    const writer = documents.get(file);
    if (writer === undefined) documents.set(file, backend.name);
    else
      problem(['client', 'output'], `the types of the backend "${writer}" go there too; choose another file`);
  }
}

function checkStartAfter(backends: readonly NamedBackend[], allNames: readonly string[]): void {
  const after = new Map(backends.map(({ backend }) => [backend.name, backend.settings.startAfter]));
  for (const { backend, problem } of backends) {
    for (const [index, name] of backend.settings.startAfter.entries()) {
      const at = ['startAfter', index];
      if (!allNames.includes(name)) {
        const near = nearest(name, allNames);
        problem(
          at,
          `there is no backend ${quote(name)}; ${near === undefined ? `there are: ${allNames.join(', ')}` : `did you mean "${near}"?`}`,
        );
        continue;
      }
      const circle = pathTo(after, name, backend.name);
      if (circle !== null)
        problem(
          at,
          `the backends wait for each other: ${[backend.name, ...circle].join(' → ')}; remove one of these`,
        );
    }
  }
}

/** The way from one backend to another along `startAfter`; null when there is none. */
function pathTo(after: ReadonlyMap<string, readonly string[]>, from: string, to: string): string[] | null {
  const cameFrom = new Map<string, string | null>([[from, null]]);
  const waiting = [from];
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    if (name === to) {
      const way: string[] = [];
      for (
        let step: string | null | undefined = name;
        step !== null && step !== undefined;
        step = cameFrom.get(step)
      )
        way.unshift(step);
      return way;
    }
    for (const next of after.get(name) ?? []) {
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, name);
      waiting.push(next);
    }
  }
  return null;
}
