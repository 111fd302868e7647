/** The package as npm would publish it. */
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';

/** Pack it into an empty folder; gives the file. */
export async function packPackage(folder: string): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await execa('npm', ['pack', '--silent', '--pack-destination', folder], {
    cwd: path.resolve(import.meta.dirname, '../..'),
    preferLocal: true,
  });
  const [file = ''] = await readdir(folder);
  return path.join(folder, file);
}
