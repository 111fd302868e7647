import path from 'node:path';
import { unpackedBundle } from '../bundle/index.js';
import type { ResolvedBackend } from '../config/resolved.js';
import { PyInstallerError } from '../errors.js';

interface KeptBundle {
  /** Absolute. */
  readonly program: string;
  /** Folder with the data, relative to that of the program; null: in the program. */
  readonly contents: string | null;
  /** It was to replace one that passed. */
  readonly isChallenger: boolean;
}

/** The error of a failed check, which also says where the bundle is, how to start it, and what the next build does. */
export function withKeptBundle(
  error: PyInstallerError,
  backend: ResolvedBackend,
  { program, contents, isChallenger }: KeptBundle,
): PyInstallerError {
  const { hint, file, path: place, cause, log } = error;
  const seen = hint === undefined ? error.message : error.message.replace(`\n${hint}`, '');
  const env = Object.keys(backend.settings.env);
  const kept = [
    `The bundle is kept. Start it by hand: ${commandLine(backend, program, contents, process.platform)}`,
    ...(env.length > 0 ? [`The app also sets ${env.join(', ')} (\`run.env\`).`] : []),
    isChallenger
      ? 'The one that passed before is still in the cache: the next build without `--force` takes it.'
      : 'After a change of `run`, `ready`, `verify` or `address` alone the next build takes it and only runs the checks again.',
    'A program that writes into its own folder is started from a copy: a changed bundle is frozen again.',
  ];
  return new PyInstallerError('ERR_VERIFY', seen, {
    backend: backend.name,
    hint: [...(hint === undefined ? [] : [hint]), ...kept].join('\n'),
    file,
    path: place,
    log,
    cause,
  });
}

/** What to type to start a frozen program as the app does, as far as that is known before the app runs. Pure. */
export function commandLine(
  { kind, settings, verify }: Pick<ResolvedBackend, 'kind' | 'settings' | 'verify'>,
  program: string,
  contents: string | null,
  platform: string,
): string {
  const { address, args } = settings;
  const port = address.type === 'port' ? String(address.from) : '';
  const its = platform === 'win32' ? path.win32 : path.posix;
  const given = (kind === 'job' ? (verify.args ?? []) : args).map((argument) =>
    argument
      .replaceAll('{port}', port)
      .replaceAll('{host}', '127.0.0.1')
      .replaceAll('{bundle}', contents === null ? unpackedBundle : its.join(its.dirname(program), contents)),
  );
  const words = [program, ...given].map((word) => quoted(word, platform));
  // PowerShell takes a quoted program for a text.
  return platform === 'win32' ? `& ${words.join(' ')}` : words.join(' ');
}

function quoted(word: string, platform: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return platform === 'win32' ? `'${word.replaceAll("'", "''")}'` : `'${word.replaceAll("'", "'\\''")}'`;
}
