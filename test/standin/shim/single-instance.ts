/**
 * `app.requestSingleInstanceLock`: whoever creates the lock file of a user data folder is first; later ones hand over their
 * arguments through a folder beside it, which the first one watches.
 */
import { mkdirSync, readFileSync, readdirSync, rmSync, watch, writeFileSync, type FSWatcher } from 'node:fs';
import path from 'node:path';

type OnSecond = (argv: string[], workingDirectory: string, additionalData: unknown) => void;

/** One process's side of the lock. */
export class SingleInstance {
  readonly #onSecond: OnSecond;
  #lock: { readonly file: string; readonly inbox: string; readonly watcher: FSWatcher } | null = null;

  constructor(onSecond: OnSecond) {
    this.#onSecond = onSecond;
  }

  /** True: this process has the lock. */
  get held(): boolean {
    return this.#lock !== null;
  }

  /** Take the lock, or tell the process that has it about this one and return false. */
  request(userData: string, additionalData: unknown): boolean {
    if (this.held) return true;
    const file = path.join(userData, 'StandInLock');
    const inbox = path.join(userData, 'StandInInbox');
    mkdirSync(inbox, { recursive: true });
    if (!this.#take(file)) {
      const message = { argv: process.argv, workingDirectory: process.cwd(), additionalData };
      writeFileSync(path.join(inbox, `${process.pid}.json`), JSON.stringify(message));
      return false;
    }
    const watcher = watch(inbox, () => this.#read(inbox));
    watcher.unref();
    this.#lock = { file, inbox, watcher };
    return true;
  }

  release(): void {
    if (this.#lock === null) return;
    this.#lock.watcher.close();
    rmSync(this.#lock.file, { force: true });
    this.#lock = null;
  }

  #take(file: string): boolean {
    for (;;) {
      try {
        writeFileSync(file, String(process.pid), { flag: 'wx' });
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      if (ownerLives(file)) return false;
      rmSync(file, { force: true });
    }
  }

  #read(inbox: string): void {
    for (const name of readdirSync(inbox)) {
      const file = path.join(inbox, name);
      let message: { argv: string[]; workingDirectory: string; additionalData: unknown };
      try {
        message = JSON.parse(readFileSync(file, 'utf8')) as typeof message;
      } catch {
        continue; // Still being written; another change event follows.
      }
      rmSync(file, { force: true });
      this.#onSecond(message.argv, message.workingDirectory, message.additionalData);
    }
  }
}

function ownerLives(file: string): boolean {
  try {
    process.kill(Number(readFileSync(file, 'utf8')), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
