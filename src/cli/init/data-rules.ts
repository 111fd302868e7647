import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { isInside, withSlashes } from '../../lib/paths.js';
import { forTools, hidden, isCode, neverShipped, secretInside } from './never-shipped.js';
import type { PathFact } from './survey.js';

/** Files to bundle, with the line of code that names them. Relative to the project, `/` between. */
export interface FoundData {
  readonly from: string;
  readonly to?: string;
  readonly exclude?: readonly string[];
  /** `backend/app/config.py:12`. */
  readonly why: string;
}

/** A file that the code names and that is left out all the same. */
export interface LeftOut {
  readonly file: string;
  readonly why: string;
}

/** What of the files that the code names belongs into the bundle. */
export interface DataPlan {
  readonly data: readonly FoundData[];
  readonly leftOut: readonly LeftOut[];
  /** Paths that will not be found in the app, with the edit. */
  readonly remarks: readonly string[];
}

/** A file of a folder that would be shipped. */
interface Inside {
  readonly name: string;
  readonly refused: string | null;
}

/**
 * Decide what is shipped of what the code names: nothing that looks like a secret, nothing that is written, nothing that
 * configures tools.
 *
 * @param source - absolute folder that imports start from
 */
export async function planData(
  facts: readonly PathFact[],
  projectDir: string,
  source: string,
): Promise<DataPlan> {
  const shown = (file: string) => withSlashes(path.relative(projectDir, file));
  const place = ({ file, line }: PathFact) => `${shown(file)}:${line}`;
  const written = new Set(facts.filter((fact) => fact.written).map((fact) => fact.path));
  const data = new Map<string, FoundData>();
  const leftOut = new Map<string, LeftOut>();
  const remarks = new Set<string>();
  for (const fact of facts) {
    const from = shown(fact.path);
    const named = `${place(fact)} names it`;
    if (written.has(fact.path)) {
      const why = `the program writes it (${place(facts.find((other) => other.written && other.path === fact.path) ?? fact)}): keep it in {userData}`;
      leftOut.set(from, { file: from, why });
      continue;
    }
    if (isInside(source, projectDir) && source !== projectDir && fact.path === projectDir) continue;
    if (!isInside(source, fact.path)) {
      if (isInside(projectDir, fact.path) && fact.anchored)
        remarks.add(
          `${place(fact)} reads ${from}, which lies above the source folder and has no place in the bundle: move it below ${shown(source) || '.'}.`,
        );
      continue;
    }
    if (!fact.folder) {
      const refused = await refusal(fact.path, path.basename(fact.path) === 'alembic.ini');
      const isRead = refused === isCode && fact.code === true;
      if (!isRead && (refused === isCode || refused === forTools)) continue;
      if (refused === null || isRead) data.set(from, { from, why: place(fact) });
      else leftOut.set(from, { file: from, why: `${refused}; ${named}` });
    } else {
      const rule = await folderRule(fact, from);
      for (const { name, refused } of rule.refused)
        leftOut.set(`${from}/${name}`, { file: `${from}/${name}`, why: `${refused}; ${named}` });
      if (rule.from !== null)
        data.set(rule.from, {
          from: rule.from,
          ...(rule.exclude.length === 0 ? {} : { exclude: rule.exclude }),
          why: place(fact),
        });
    }
    if (!fact.anchored && data.has(from))
      remarks.add(
        `${place(fact)} finds ${path.basename(fact.path)} through the working directory, which in the app is its data folder: write \`Path(__file__).parent / …\` or \`electron_pyinstaller.resource_path(…)\`.`,
      );
  }
  return { data: withoutDoubles([...data.values()]), leftOut: [...leftOut.values()], remarks: [...remarks] };
}

/** Why a file stays out. In a folder that the code reads, and where the code needs it, the name of a tool's file means nothing. */
async function refusal(file: string, isNeeded: boolean): Promise<string | null> {
  const byName = neverShipped(file);
  if (byName === null || (isNeeded && (byName === forTools || byName === hidden))) return secretInside(file);
  return byName;
}

async function folderRule(
  fact: PathFact,
  from: string,
): Promise<{ from: string | null; exclude: string[]; refused: { name: string; refused: string }[] }> {
  const inside = await filesIn(fact);
  const kept = inside.filter(({ refused }) => refused === null || (refused === isCode && fact.code === true));
  const refused = inside.flatMap(({ name, refused: why }) =>
    why === null || why === isCode ? [] : [{ name, refused: why }],
  );
  if (kept.length === 0) return { from: null, exclude: [], refused };
  if (fact.pattern !== null) {
    const rest = withSlashes(path.relative(fact.path, fact.pattern));
    return { from: `${from}/${rest}`, exclude: refused.map(({ name }) => name), refused };
  }
  const hasCode = fact.code !== true && inside.some(({ refused: why }) => why === isCode);
  const endings = [
    ...new Set(kept.map(({ name }) => path.extname(name).slice(1)).filter((ending) => ending !== '')),
  ].sort();
  const suffix = fact.suffix.slice(1);
  const wanted = suffix !== '' && endings.includes(suffix) ? [suffix] : hasCode ? endings : [];
  const excluded = inside
    .filter(({ name, refused: why }) => {
      if (why === null || (why === isCode && (fact.code === true || wanted.length > 0))) return false;
      return wanted.length === 0 || wanted.includes(path.extname(name).slice(1));
    })
    .map(({ name }) => name);
  if (wanted.length === 0) return { from: hasCode ? null : from, exclude: excluded, refused };
  const glob = wanted.length === 1 ? `**/*.${wanted[0] ?? ''}` : `**/*.{${wanted.join(',')}}`;
  return { from: `${from}/${glob}`, exclude: excluded, refused };
}

async function filesIn(fact: Pick<PathFact, 'path' | 'pattern'>): Promise<Inside[]> {
  const entries = await readdir(fact.path, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => withSlashes(path.relative(fact.path, path.join(entry.parentPath, entry.name))))
    .filter(
      (name) =>
        !/(?:^|\/)(?:__pycache__|node_modules|\.git)\//.test(`${name}/`) && !name.includes('__pycache__/'),
    )
    .sort()
    .slice(0, 5000);
  const { default: picomatch } = await import('picomatch');
  const isWanted =
    fact.pattern === null ? () => true : picomatch(withSlashes(path.relative(fact.path, fact.pattern)));
  const result: Inside[] = [];
  for (const name of files) {
    if (!isWanted(name)) continue;
    const whole = path.join(fact.path, name);
    result.push({ name, refused: await refusal(whole, true) });
  }
  return result;
}

/**
 * A rule that somebody wrote by hand elsewhere, without what is not for everybody.
 *
 * @returns no rule when all of it is refused
 */
export async function screenRule(
  rule: { readonly from: string; readonly to: string },
  projectDir: string,
  why: string,
): Promise<{ readonly data: FoundData | null; readonly leftOut: readonly LeftOut[] }> {
  const isPattern = /[*?[{]/.test(rule.from);
  const file = path.resolve(projectDir, rule.from.replace(/[*?[{].*$/, ''));
  const kind = await stat(file).catch(() => null);
  if (kind === null) return { data: { ...rule, why }, leftOut: [] };
  if (kind.isFile()) {
    const refused = await refusal(file, true);
    return refused === null
      ? { data: { ...rule, why }, leftOut: [] }
      : { data: null, leftOut: [{ file: rule.from, why: `${refused}; ${why} names it` }] };
  }
  const inside = await filesIn({
    path: file,
    pattern: isPattern ? path.resolve(projectDir, rule.from) : null,
  });
  const refused = inside.filter(({ refused: reason }) => reason !== null && reason !== isCode);
  const shown = withSlashes(path.relative(projectDir, file));
  return {
    data: { ...rule, ...(refused.length === 0 ? {} : { exclude: refused.map(({ name }) => name) }), why },
    leftOut: refused.map(({ name, refused: reason }) => ({
      file: `${shown}/${name}`,
      why: `${reason ?? ''}; ${why} names it`,
    })),
  };
}

/** A file that a folder brings needs no rule of its own. */
function withoutDoubles(data: readonly FoundData[]): FoundData[] {
  return data
    .filter(
      ({ from }) =>
        !data.some(
          (other) => other.from !== from && !/[*[{]/.test(other.from) && from.startsWith(`${other.from}/`),
        ),
    )
    .sort((a, b) => (a.from < b.from ? -1 : 1));
}
