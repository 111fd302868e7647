/** After all tests of a run: the tokens they used stand in no command line, no environment and no file that was left. */
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { allTokens, ledgerVariable } from '../security/ledger.js';
import { searchPlainly } from '../security/token-search.js';
import { repositoryDir, testCacheDir } from './paths.js';
import { workersFolderVariable } from './workers-folder.js';

/** Where programs under test and tests write to, besides folders that are gone with their test. */
const folders = [
  path.join(testCacheDir, 'logs'),
  path.join(testCacheDir, 'work'),
  path.join(testCacheDir, 'runtime-driver'),
  path.join(testCacheDir, 'runtime-faults'),
  path.join(repositoryDir, '.cache/test-results'),
  path.join(repositoryDir, '.cache/reliability'),
];

export async function setup(): Promise<() => Promise<void>> {
  // Outside of what is searched; only this user may read it.
  await mkdir(testCacheDir, { recursive: true });
  const folder = await mkdtemp(path.join(testCacheDir, 'tokens-'));
  const ledger = path.join(folder, 'tokens');
  await writeFile(ledger, '', { mode: 0o600 });
  process.env[ledgerVariable] = ledger;
  const workers = await mkdtemp(path.join(tmpdir(), 'epy-tests-'));
  // As the system's own: a test starts a program as another user.
  await chmod(workers, 0o755);
  process.env[workersFolderVariable] = workers;
  return async () => {
    const tokens = allTokens();
    await rm(folder, { recursive: true, force: true });
    const { hits, files, processes } =
      tokens.length === 0
        ? { hits: [], files: 0, processes: 0 }
        : await searchPlainly(tokens, [...folders, workers]);
    if (hits.length > 0) throw new Error(`Tokens of this run stand in: ${hits.join(', ')}`);
    // What a test locked stays; the system clears its temporary folder.
    await rm(workers, { recursive: true, force: true }).catch(() => undefined);
    if (tokens.length === 0) return;
    process.stdout.write(
      `searched ${files} files and ${processes} processes for ${tokens.length} tokens: none found\n`,
    );
  };
}
