import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { type FileFindings, type FoundEntry, readPythonSource } from './python-source.js';
import { namesIn, entriesIn } from '../../lib/files.js';

/** A backend found in a project. Paths relative to the project, `/` between. */
export interface DetectedBackend {
  readonly name: string;
  readonly source: string;
  readonly entry: FoundEntry;
  readonly framework: string | null;
  readonly requirements: string | null;
  readonly hiddenImports: readonly string[];
  readonly data: readonly { readonly from: string; readonly to: string }[];
  readonly healthPath: string | null;
  /** Why this folder and this entry, for people. */
  readonly reason: string;
}

const ignoredFolders = new Set([
  'node_modules',
  'dist',
  'out',
  'build',
  'release',
  'coverage',
  '__pycache__',
  'tests',
  'test',
  'site-packages',
]);
const likelyFolders = ['backend', 'server', 'api', 'python', 'engine', 'py', 'src-python', 'service'];
const likelyFiles = [
  'main.py',
  'app.py',
  'server.py',
  'api.py',
  'asgi.py',
  'wsgi.py',
  '__main__.py',
  'run.py',
];
const dataFile =
  /\.(?:json|ya?ml|toml|ini|cfg|csv|txt|sql|html?|css|js|jinja2?|j2|db|sqlite3?|png|svg|pem|crt|onnx|pkl|npz?|mo)$/i;
const notData =
  /^(?:requirements.*\.txt|pyproject\.toml|poetry\.lock|uv\.lock|setup\.cfg|tox\.ini|package\.json|readme.*)$/i;

/**
 * Look for the Python backend of a project.
 *
 * @param projectDir - absolute
 * @param folder - look only there (relative to the project)
 * @returns null when no folder holds a Python program
 */
export async function detectBackend(projectDir: string, folder?: string): Promise<DetectedBackend | null> {
  const folders = folder === undefined ? await candidateFolders(projectDir) : [normalize(folder)];
  const found: { readonly backend: DetectedBackend; readonly score: number }[] = [];
  for (const candidate of folders) {
    const backend = await inspect(projectDir, candidate);
    if (backend !== null) found.push({ backend, score: score(candidate, backend) });
  }
  found.sort((a, b) => b.score - a.score);
  return found[0]?.backend ?? null;
}

/** The project itself and its folders, two levels deep. */
async function candidateFolders(projectDir: string): Promise<string[]> {
  const candidates = ['.'];
  const visit = async (folder: string, depth: number) => {
    const entries = await entriesIn(path.join(projectDir, folder));
    // Virtual environments are full of Python programs.
    if (entries.some(({ name }) => name === 'pyvenv.cfg')) return;
    if (folder !== '.') candidates.push(folder);
    if (depth === 0) return;
    for (const entry of entries) {
      if (!entry.isDirectory() || entry.name.startsWith('.') || ignoredFolders.has(entry.name)) continue;
      await visit(folder === '.' ? entry.name : `${folder}/${entry.name}`, depth - 1);
    }
  };
  await visit('.', 2);
  return candidates;
}

async function inspect(projectDir: string, folder: string): Promise<DetectedBackend | null> {
  const files = await namesIn(path.join(projectDir, folder));
  const python = files.filter((name) => name.endsWith('.py')).sort(byLikelihood);
  const findings: { readonly file: string; readonly found: FileFindings }[] = [];
  for (const name of python) {
    const text = await readFile(path.join(projectDir, folder, name), 'utf8').catch(() => '');
    const file = folder === '.' ? name : `${folder}/${name}`;
    findings.push({ file, found: readPythonSource(text, name.slice(0, -'.py'.length), file) });
  }
  const best =
    findings.find(({ found }) => found.framework !== null) ?? findings.find(({ found }) => found.entry);
  if (best === undefined || best.found.entry === null) return null;
  const lazy = new Set(
    await lazyPackages(
      projectDir,
      folder,
      findings.flatMap(({ found }) => found.lazyPackages),
    ),
  );
  return {
    name: 'engine',
    source: folder,
    entry: best.found.entry,
    framework: best.found.framework,
    requirements: await findRequirements(projectDir, folder),
    hiddenImports: [...lazy].sort().map((name) => `${name}.**`),
    data: await findData(projectDir, folder),
    healthPath: findings.map(({ found }) => found.healthPath).find((found) => found !== null) ?? null,
    reason: describe(best.file, best.found),
  };
}

function describe(file: string, { framework, entry }: FileFindings): string {
  if (framework !== null) return `${file} makes a ${framework} application`;
  return entry !== null && 'script' in entry ? `${file} is a program` : file;
}

function score(folder: string, backend: DetectedBackend): number {
  const name = path.posix.basename(folder);
  const depth = folder === '.' ? 0 : folder.split('/').length;
  return (
    (backend.framework === null ? 0 : 8) +
    (backend.requirements === null ? 0 : 4) +
    (likelyFolders.includes(name.toLowerCase()) ? 3 : 0) -
    depth
  );
}

function byLikelihood(a: string, b: string): number {
  const rank = (name: string) => {
    const index = likelyFiles.indexOf(name);
    return index === -1 ? likelyFiles.length : index;
  };
  return rank(a) - rank(b) || a.localeCompare(b);
}

/** Only packages that exist: a name in a string may be anything. */
async function lazyPackages(projectDir: string, folder: string, names: readonly string[]): Promise<string[]> {
  const deeper: string[] = [];
  const subfolders = await entriesIn(path.join(projectDir, folder));
  for (const entry of subfolders) {
    if (!entry.isDirectory() || ignoredFolders.has(entry.name) || entry.name.startsWith('.')) continue;
    for (const file of await namesIn(path.join(projectDir, folder, entry.name))) {
      if (!file.endsWith('.py')) continue;
      const text = await readFile(path.join(projectDir, folder, entry.name, file), 'utf8').catch(() => '');
      deeper.push(...readPythonSource(text, file, file).lazyPackages);
    }
  }
  const existing = new Set(subfolders.filter((entry) => entry.isDirectory()).map(({ name }) => name));
  return [...names, ...deeper].filter((name) => existing.has(name.split('.')[0] ?? ''));
}

async function findRequirements(projectDir: string, folder: string): Promise<string | null> {
  for (const place of folder === '.' ? ['.'] : [folder, '.']) {
    const files = await namesIn(path.join(projectDir, place));
    for (const name of ['uv.lock', 'poetry.lock', 'pdm.lock', 'requirements.txt', 'pyproject.toml']) {
      if (files.includes(name)) return place === '.' ? name : `${place}/${name}`;
    }
  }
  return null;
}

/** Folders with files that are not code keep their place below the source. */
async function findData(projectDir: string, folder: string): Promise<{ from: string; to: string }[]> {
  const rules: { from: string; to: string }[] = [];
  // A project whose backend stands in its root has all kinds of folders; guessing there would ship too much.
  if (folder === '.') return rules;
  for (const entry of await readdir(path.join(projectDir, folder), { withFileTypes: true })) {
    if (entry.name.startsWith('.') || ignoredFolders.has(entry.name)) continue;
    const from = `${folder}/${entry.name}`;
    if (entry.isFile() && dataFile.test(entry.name) && !notData.test(entry.name))
      rules.push({ from, to: '.' });
    if (!entry.isDirectory()) continue;
    const inside = await readdir(path.join(projectDir, from), { recursive: true }).catch((): string[] => []);
    if (inside.some((name) => name === 'pyvenv.cfg')) continue;
    const data = inside.filter((name) => dataFile.test(name) && !name.includes('__pycache__'));
    if (data.length === 0) continue;
    const endings = [...new Set(data.map((name) => path.extname(name).slice(1)))].sort();
    const hasCode = inside.some((name) => name.endsWith('.py'));
    const glob = !hasCode
      ? '**/*'
      : endings.length === 1
        ? `**/*.${endings[0] ?? ''}`
        : `**/*.{${endings.join(',')}}`;
    rules.push({ from: `${from}/${glob}`, to: entry.name });
  }
  return rules;
}

function normalize(folder: string): string {
  const plain = folder.replaceAll('\\', '/').replace(/^\.\//, '').replace(/\/+$/, '');
  return plain === '' ? '.' : plain;
}
