import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');

/** Where the programs that are measured are made, and kept from one run to the next. */
export class Workplace {
  readonly root = root;
  readonly cacheDir = path.join(root, '.cache', 'bench');
  readonly #made = new Map<string, Promise<unknown>>();
  readonly #folders: string[] = [];

  /** Make something once in a run, however many rows need it. */
  once<Made>(name: string, make: (folder: string) => Promise<Made>): Promise<Made> {
    const made = this.#made.get(name) ?? this.#make(name, make);
    this.#made.set(name, made);
    return made as Promise<Made>;
  }

  async #make<Made>(name: string, make: (folder: string) => Promise<Made>): Promise<Made> {
    const folder = path.join(this.cacheDir, 'made', name);
    await mkdir(folder, { recursive: true });
    return await make(folder);
  }

  /** An empty folder that is gone at the end. */
  async folder(): Promise<string> {
    const folder = await mkdtemp(path.join(tmpdir(), 'bench-'));
    this.#folders.push(folder);
    return folder;
  }

  async clear(): Promise<void> {
    for (const folder of this.#folders.splice(0)) await rm(folder, { recursive: true, force: true });
  }
}
