import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';

/** A new empty folder that is removed when the test ends. The name holds a space and a non-ASCII letter on purpose. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'epy tést-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

/** Write files given as `{ 'a/b.txt': 'content' }` below a folder (default: a temporary one) and return the folder. */
export async function writeFiles(
  files: Readonly<Record<string, string | Uint8Array>>,
  folder?: string,
): Promise<string> {
  const root = folder ?? (await temporaryFolder());
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(root, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  return root;
}

/** What another process writes into a file, once it is there: a file exists before its text does. */
export async function awaitText(file: string): Promise<string> {
  for (;;) {
    const text = await readFile(file, 'utf8').catch(() => '');
    if (text !== '') return text;
    await sleep(10);
  }
}
