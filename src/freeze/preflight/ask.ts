import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { ResolvedBackend } from '../../config/resolved.js';
import { companionDir } from '../../lib/package-root.js';
import { run } from '../../lib/run.js';
import { normalizeName } from '../../lib/text.js';
import { parseRequirementFile, type RequirementLine } from '../../python/requirements/requirement-file.js';
import { cleanEnvironment } from '../../python/clean-environment.js';

/** Stands in front of the answer; see the script. */
const marker = 'electron-pyinstaller-preflight:';

/** What is certainly wrong; see companion/tools/preflight.py. */
export type PreflightProblem =
  | {
      readonly code: 'syntax';
      readonly file: string;
      readonly line: number;
      readonly text: string;
      readonly message: string;
    }
  | {
      readonly code: 'module';
      /** The first part of the name that is not there. */
      readonly part: string;
      /** The whole name that was meant. */
      readonly suggestion: string | null;
      readonly there: readonly string[];
      /** It was written with the ending of the file. */
      readonly ending?: boolean;
    }
  | {
      readonly code: 'attribute';
      readonly file: string;
      readonly name: string;
      readonly there: readonly string[];
      readonly suggestion: string | null;
    }
  | {
      readonly code: 'interface';
      /** Dotted name of what makes the application. */
      readonly framework: string;
      readonly interface: 'asgi' | 'wsgi';
      readonly file: string;
      readonly line: number;
    }
  | {
      readonly code: 'announce';
      readonly starts: { readonly file: string; readonly line: number; readonly text: string } | null;
    }
  | { readonly code: 'name'; readonly name: string }
  | {
      /** A module that is never imported to its end. */
      readonly code: 'raises';
      readonly file: string;
      readonly line: number;
      readonly text: string;
    }
  | {
      /** A console script that no installed distribution has. */
      readonly code: 'script';
      readonly name: string;
      readonly there: readonly string[];
      readonly suggestion: string | null;
    };

/** The answer of the script. */
export interface PreflightAnswer {
  readonly problems: readonly PreflightProblem[];
  readonly requiresPython: string | null;
}

/** What is known of the environment. */
export interface PreflightPlace {
  /** Everything the program will have is installed there: what it does not find is nowhere. */
  readonly complete: boolean;
  /** Folders with the installed packages; empty: there are none. */
  readonly sitePackages: readonly string[];
}

/** What the script is asked about a backend, as JSON; null: nothing. */
export function preflightQuestion(backend: ResolvedBackend, place: PreflightPlace): string | null {
  const { entry, requirements } = backend;
  if (entry.type === 'spec') return null;
  const isProject = requirements.type === 'project' || requirements.type === 'lock';
  return JSON.stringify({
    ...entry,
    roots: [
      ...new Set([
        ...(entry.type === 'script' ? [path.dirname(entry.file)] : []),
        ...backend.source,
        ...backend.pyinstaller.paths,
      ]),
    ],
    complete: place.complete,
    installed: place.sitePackages,
    mayBeInstalled: mayBeInstalled(backend),
    announces: mustAnnounce(backend),
    names: backend.hiddenImports
      .filter(({ name, optional }) => name.includes('-') && !name.endsWith('*') && !optional)
      .map(({ name }) => name),
    pyproject: isProject ? path.join(requirements.directory, 'pyproject.toml') : null,
  });
}

/** The answers to questions; empty: there are none. One short run of Python, which imports nothing of the program. */
export async function askPreflight(
  questions: readonly string[],
  interpreter: string,
  signal?: AbortSignal,
): Promise<PreflightAnswer[]> {
  const script = path.join(companionDir, 'tools', 'preflight.py');
  const result = await run(interpreter, ['-I', '-X', 'utf8', script, ...questions], {
    env: cleanEnvironment(process.env),
    timeoutMs: 20_000,
    signal,
  });
  const lines = result.stdout.split(/\r?\n/).filter((text) => text.startsWith(marker));
  return result.exitCode === 0
    ? lines.map((line) => JSON.parse(line.slice(marker.length)) as PreflightAnswer)
    : [];
}

/**
 * Whether a requirement could bring a module that the sources do not have under a name that looks like a slip: a folder or
 * an address can have any name, and a distribution's modules are mostly called like it.
 */
function mayBeInstalled({ requirements, entry }: ResolvedBackend): boolean {
  if (requirements.type === 'none') return false;
  if (requirements.type !== 'pip' || !('module' in entry)) return true;
  const first = normalizeName(entry.module.split('.')[0] ?? '');
  return requirements.files.some(brings) || requirements.packages.flatMap(parseRequirementFile).some(fits);

  function brings(file: string): boolean {
    try {
      return parseRequirementFile(readFileSync(file, 'utf8')).some(fits);
    } catch {
      return true;
    }
  }
  function fits(line: RequirementLine): boolean {
    return line.type !== 'name' || line.name === first || line.name.split('-').includes(first);
  }
}

/** The address is what the program says, and nobody but the program can say it. */
function mustAnnounce({ kind, entry, settings, verify }: ResolvedBackend): boolean {
  return (
    kind === 'http' &&
    (entry.type === 'script' || entry.type === 'consoleScript' || entry.type === 'module') &&
    settings.address.type === 'announce' &&
    settings.ready.announced &&
    verify.run
  );
}
