/**
 * Folders that hold no code of a project, whatever is in them: caches, virtual environments, version control, editors, packages of
 * other ecosystems. The one list for the cache key, the strict checks, the watcher and managed environments.
 */
export const notSourceFolders: readonly string[] = [
  '__pycache__',
  '.git',
  '.hg',
  '.svn',
  '.venv',
  'venv',
  '.env',
  'node_modules',
  '.pytest_cache',
  '.mypy_cache',
  '.ruff_cache',
  '.tox',
  '.nox',
  '.idea',
  '.vscode',
];

/** Files that do not matter to what a program does. */
export const notSourceFiles: readonly string[] = ['*.py[cod]', '.DS_Store', '*.log'];

/** What Electron's and web tools write into the folder of a project. */
export const outputFolders: readonly string[] = ['out', 'dist', 'release'];

/** Files that editors and the program itself write while it runs: no reason to start it again. */
export const writtenMeanwhile: readonly string[] = [
  '*.sw[px]',
  '*~',
  '*.tmp',
  '*.db',
  '*.sqlite{,3}',
  '*.sqlite{,3}-{journal,wal,shm}',
];
