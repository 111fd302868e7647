import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ResolvedBackend, ResolvedEntry } from '../../config/resolved.js';
import { PyInstallerError } from '../../errors.js';

/** What runs during development: an entry for the companion's bootstrap, or a program without it. */
export type DevelopmentEntry =
  | { readonly type: 'companion'; readonly entry: Exclude<ResolvedEntry, { type: 'spec' }> }
  /** The script of a hand-written spec; absolute. */
  | { readonly type: 'plain'; readonly file: string };

/**
 * What to run for a backend during development. A hand-written spec is frozen without the companion, so its script runs
 * without it here too.
 *
 * @throws PyInstallerError `ERR_CONFIG` when the spec does not say which script it freezes.
 */
export async function developmentEntry(backend: ResolvedBackend): Promise<DevelopmentEntry> {
  const { entry } = backend;
  if (entry.type !== 'spec') return { type: 'companion', entry };
  const script = scriptOfSpec(await readFile(entry.file, 'utf8'));
  if (script === null) {
    throw new PyInstallerError(
      'ERR_CONFIG',
      `Preparing the backend "${backend.name}" for development: ${entry.file} does not name its script as a plain text.`,
      {
        backend: backend.name,
        file: backend.configFile,
        path: `${backend.configPath}.pyinstaller.spec`,
        hint: "Write it as `Analysis(['main.py'], …)` in the spec.",
      },
    );
  }
  return { type: 'plain', file: path.resolve(path.dirname(entry.file), script) };
}

/**
 * The first script of the first `Analysis` of a spec, when it is written as a plain text. Pure. A spec is a program and
 * could compute it; running it would need PyInstaller.
 */
export function scriptOfSpec(spec: string): string | null {
  const withoutComments = spec.replace(/^\s*#.*$/gm, '');
  const match = /\bAnalysis\s*\(\s*(?:scripts\s*=\s*)?\[\s*[rR]?(?:'([^'\n]+)'|"([^"\n]+)")/.exec(
    withoutComments,
  );
  return match?.[1] ?? match?.[2] ?? null;
}

/** The descriptor that bootstrap.py reads; see docs/protocol.md, *Entry descriptor*. */
export function entryDescriptor(backend: ResolvedBackend, entry: DevelopmentEntry): object {
  return {
    v: 1,
    name: backend.name,
    kind: backend.kind,
    entry: entry.type === 'companion' ? entry.entry : { type: 'script', file: entry.file },
    paths: [...backend.source, ...backend.pyinstaller.paths],
    // So that resource_path() finds a data file where it stands in the project, by the name it has in the bundle.
    data: backend.data.map(({ base, to }) => ({ base, to })),
  };
}
