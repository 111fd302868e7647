import path from 'node:path';
import type { ResolvedBackend } from '../../config/resolved.js';

/** One known failure: what it looks like, what it means, what to do. */
export interface DiagnosisRow {
  readonly id: string;
  /** For the list in docs/troubleshooting.md. */
  readonly title: string;
  readonly pattern: RegExp;
  /** One sentence. */
  readonly cause: (match: RegExpExecArray) => string;
  /** The exact edit or command. */
  readonly fix: (match: RegExpExecArray, backend: ResolvedBackend) => string;
}

/** Known failures of a build, the most specific first. */
export const buildTable: readonly DiagnosisRow[] = [
  {
    id: 'pyinstaller-missing',
    title: 'PyInstaller is not installed in the environment that is used',
    pattern: /No module named '?PyInstaller'?/,
    cause: () => 'PyInstaller is not installed in the environment that the backend is frozen from.',
    fix: (_, backend) =>
      `Install it there (\`python -m pip install pyinstaller\`, \`uv add --dev pyinstaller\`), or let us: python: { env: 'managed' } in ${name(backend)}.`,
  },
];

function name(backend: ResolvedBackend): string {
  return `${backend.configPath} in ${path.basename(backend.configFile)}`;
}
