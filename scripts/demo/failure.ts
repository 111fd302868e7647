import { readFile } from 'node:fs/promises';

/** Why the demo failed: one clear reason, and where to read more. */
export class DemoFailure extends Error {
  override readonly name = 'DemoFailure';
  /** Absolute path of the log of what failed. */
  readonly log: string | undefined;

  constructor(message: string, log?: string) {
    super(message);
    this.log = log;
  }
}

/** The last lines of a log, for people; empty when there is no log. */
export async function tailOf(log: string | undefined, lines = 25): Promise<string> {
  if (log === undefined) return '';
  const text = await readFile(log, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-lines).join('\n');
}
