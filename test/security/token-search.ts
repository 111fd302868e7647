import { lstat, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { inspect } from 'node:util';

/** One way a token may stand somewhere. */
interface Form {
  readonly form: string;
  readonly bytes: Buffer;
}

/** A place a token was found in. Does not hold the token. */
export interface Hit {
  readonly where: string;
  readonly form: string;
}

/** Characters of a token's beginning or end that count as a hit of their own. */
const partLength = 16;

/** Every form of a token that is searched for. */
export function formsOf(token: string): readonly Form[] {
  const secret = Buffer.from(token, 'base64url');
  const percent = Array.from(Buffer.from(token), (byte) => `%${byte.toString(16)}`).join('');
  const forms: readonly [string, string | Buffer][] = [
    ['as it is', token],
    ['its beginning', token.slice(0, partLength)],
    ['its end', token.slice(-partLength)],
    ['its bytes', secret],
    ['hexadecimal bytes', secret.toString('hex')],
    ['HEXADECIMAL bytes', secret.toString('hex').toUpperCase()],
    ['base64', secret.toString('base64')],
    ['base64 of the text', Buffer.from(token).toString('base64').replace(/=+$/, '').slice(0, -2)],
    ['percent-encoded', percent],
    ['PERCENT-encoded', percent.toUpperCase()],
    ['UTF-16', Buffer.from(token, 'utf16le')],
  ];
  return forms.map(([form, text]) => ({ form, bytes: Buffer.from(text as string) }));
}

/** Searches for tokens; each found place is one {@link Hit}. */
export class TokenSearch {
  readonly hits: Hit[] = [];
  /** What was looked through, so that a search of nothing is noticed. */
  readonly searched = { files: 0, bytes: 0, processes: 0, values: 0 };
  readonly #forms: readonly Form[];

  constructor(tokens: readonly string[]) {
    this.#forms = tokens.flatMap((token) => formsOf(token));
  }

  bytes(where: string, content: Buffer): void {
    this.searched.bytes += content.length;
    for (const { form, bytes } of this.#forms) if (content.includes(bytes)) this.hits.push({ where, form });
  }

  /** A value with everything reachable from it: hidden properties, causes of errors, symbols. */
  value(where: string, value: unknown): void {
    this.searched.values += 1;
    const options = {
      depth: Infinity,
      showHidden: true,
      maxArrayLength: null,
      maxStringLength: null,
    } as const;
    this.bytes(where, Buffer.from(inspect(value, options)));
    this.bytes(`${where} as JSON`, Buffer.from(JSON.stringify(value) ?? ''));
  }

  /** Names and contents of all files below a folder. */
  async folder(folder: string): Promise<void> {
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      const file = path.join(entry.parentPath, entry.name);
      this.bytes(`the name ${file}`, Buffer.from(file));
      if (!(await lstat(file).catch(() => null))?.isFile()) continue;
      // Records come and go while a backend runs.
      const content = await readFile(file).catch(() => null);
      if (content === null) continue;
      this.searched.files += 1;
      this.bytes(file, content);
    }
  }

  /** Command line and environment of every process of the machine that may be read (all of one's own user). Linux. */
  async processes(): Promise<readonly number[]> {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const seen: number[] = [];
    for (const pid of pids) {
      for (const what of ['cmdline', 'environ', 'comm']) {
        const content = await readFile(`/proc/${pid}/${what}`).catch(() => null);
        if (content === null) continue;
        if (what === 'environ') seen.push(Number(pid));
        this.bytes(`${what} of process ${pid}`, content);
      }
    }
    this.searched.processes += seen.length;
    return seen;
  }
}

/**
 * Search for very many tokens at once: as they are, or their first or last {@link partLength} characters. For each form of
 * every token a look of its own would take minutes.
 */
export async function searchPlainly(
  tokens: readonly string[],
  folders: readonly string[],
): Promise<{ readonly hits: readonly string[]; readonly files: number; readonly processes: number }> {
  const parts = new Set(tokens.flatMap((token) => [token.slice(0, partLength), token.slice(-partLength)]));
  const holds = (content: Buffer): boolean => {
    for (const [run] of content.toString('latin1').matchAll(new RegExp(`[\\w-]{${partLength},}`, 'g')))
      for (let at = 0; at + partLength <= run.length; at++)
        if (parts.has(run.slice(at, at + partLength))) return true;
    return false;
  };
  const hits: string[] = [];
  let files = 0;
  for (const folder of folders) {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const file = path.join(entry.parentPath, entry.name);
      const content = entry.isFile() ? await readFile(file).catch(() => null) : null;
      if (holds(Buffer.from(entry.name)) || (content !== null && holds(content))) hits.push(file);
      if (content !== null) files += 1;
    }
  }
  let processes = 0;
  for (const pid of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(pid)) continue;
    const texts = await Promise.all(
      ['cmdline', 'environ'].map((what) => readFile(`/proc/${pid}/${what}`).catch(() => null)),
    );
    if (texts.every((text) => text === null)) continue;
    processes += 1;
    if (texts.some((text) => text !== null && holds(text))) hits.push(`process ${pid}`);
  }
  return { hits, files, processes };
}
