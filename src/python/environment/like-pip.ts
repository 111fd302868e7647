import type { ResolvedPython } from '../../config/resolved.js';

/** A line of a requirements file that is an option of the whole file. */
export interface OptionLine {
  /** `requirements.txt:3`. */
  readonly place: string;
  /** `--pre`. */
  readonly option: string;
}

/** Whether uv installs what pip would: with which variables, or why not. */
export type UvOrPip =
  | { readonly kind: 'uv'; readonly env: Readonly<Record<string, string>> }
  | { readonly kind: 'pip'; readonly reason: string };

/** What the choice between the two depends on. */
export interface PipFacts {
  readonly settings: ReadonlyMap<string, string>;
  /** uv has settings of its own. */
  readonly isUvSetUp: boolean;
  readonly options: readonly OptionLine[];
  readonly python: Pick<ResolvedPython, 'indexUrl' | 'extraIndexUrls' | 'findLinks'>;
  /** The requirements are a pyproject.toml, whose tables for uv count. */
  readonly isProject: boolean;
  readonly exists: (file: string) => boolean;
}

/** Options in a requirements file that uv skips with a warning (measured with uv 0.13). What it refuses is tried with pip later. */
const skippedByUv = new Set(['--pre', '--prefer-binary', '--trusted-host', '--use-feature']);

/** Settings of pip that change nothing of what is installed. */
const harmless = new Set([
  'break-system-packages',
  'cache-dir',
  'debug',
  'default-timeout',
  'disable-pip-version-check',
  'exists-action',
  'log',
  'log-file',
  'no-cache-dir',
  'no-color',
  'no-input',
  'no-python-version-warning',
  'no-warn-script-location',
  'progress-bar',
  'quiet',
  'require-virtualenv',
  'retries',
  'root-user-action',
  'src',
  'timeout',
  'user',
  'verbose',
  // These point elsewhere, and are taken out for both.
  'dry-run',
  'prefix',
  'python',
  'root',
  'target',
]);

const spaced = (words: readonly string[]) => words.join(' ');

/** Settings of pip that uv has by another name: what is written, and the value in its variable. */
const twins: Readonly<Record<string, readonly [name: string, write: (words: readonly string[]) => string]>> =
  {
    'index-url': ['UV_INDEX_URL', spaced],
    'extra-index-url': ['UV_EXTRA_INDEX_URL', spaced],
    'find-links': ['UV_FIND_LINKS', (words) => words.join(',')],
    'trusted-host': ['UV_INSECURE_HOST', spaced],
    cert: ['SSL_CERT_FILE', spaced],
    proxy: ['ALL_PROXY', spaced],
  };

/** Decide whether uv may stand in for pip. Pure. */
export function uvLikePip(facts: PipFacts): UvOrPip {
  const reason = silentDifference(facts);
  if (reason !== null) return { kind: 'pip', reason };
  const env: Record<string, string> = {};
  // pip trusts what the system trusts.
  env['UV_NATIVE_TLS'] = '1';
  if (facts.isUvSetUp) return { kind: 'uv', env };
  // pip takes the best version of all indexes, uv that of the first index which has the package.
  if (!facts.isProject) env['UV_INDEX_STRATEGY'] = 'unsafe-best-match';
  for (const [name, value] of meantSettings(facts)) {
    const [to, write] = twins[name] ?? [];
    if (to !== undefined && write !== undefined) env[to] = write(value);
  }
  return { kind: 'uv', env };
}

/** A folder for wheels that is not there is a warning of pip and an error of uv. */
function meantSettings({ settings, exists }: PipFacts): [string, string[]][] {
  return [...settings]
    .map(([name, value]): [string, string[]] => {
      const words = value.split(/\s+/).filter((word) => word !== '');
      const isThere = (word: string) => /^[a-z]{2,}:/i.test(word) || exists(word);
      return [name, name === 'find-links' ? words.filter(isThere) : words];
    })
    .filter(([, words]) => words.length > 0);
}

function silentDifference(facts: PipFacts): string | null {
  const skipped = facts.options.find(({ option }) => skippedByUv.has(option));
  if (skipped !== undefined) return `uv does not read ${skipped.option} in ${skipped.place}`;
  if (facts.isUvSetUp) return null;
  const { python, options } = facts;
  const settings = new Map(meantSettings(facts));
  for (const name of settings.keys())
    if (!harmless.has(name) && twins[name] === undefined) return `uv does not know pip's setting ${name}`;
  const index = options.find(({ option }) => option === '-i' || option === '--index-url');
  if (index !== undefined && (settings.has('index-url') || python.indexUrl !== null))
    return `pip takes the index of ${index.place}, uv that of the settings`;
  const both =
    (settings.has('extra-index-url') && python.extraIndexUrls.length > 0) ||
    (settings.has('find-links') && python.findLinks.length > 0);
  return both ? 'pip joins its own settings with those of the configuration, uv does not' : null;
}
