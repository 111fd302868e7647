import { existsSync, readdirSync, readFileSync, statSync, type Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';

// Looks at one small thing are made at once: by way of Node's threads they take ten times as long, and builds make hundreds.

/** The code of a system error, e.g. `ENOENT`; undefined for every other value. */
export function errorCode(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** Whether anything is at a path. */
export async function pathExists(file: string): Promise<boolean> {
  return existsSync(file);
}

/** Whether a file (or a link to one) is at a path. */
export async function isFile(file: string): Promise<boolean> {
  try {
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Whether a file, or what a link names, may be run by anybody. Never on Windows, which knows no such bit. */
export async function isExecutable(file: string): Promise<boolean> {
  return process.platform !== 'win32' && (statSync(file).mode & 0o111) !== 0;
}

/** The text of a file; null when it cannot be read. */
export async function readText(file: string): Promise<string | null> {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

/** The parsed content of a JSON file; undefined when it cannot be read or is no JSON. */
export async function readJson(file: string): Promise<unknown> {
  const text = await readText(file);
  return text === null ? undefined : parseJson(text);
}

/** A text as JSON; undefined when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Names in a folder, sorted by code unit; none when it cannot be read. */
export async function namesIn(folder: string): Promise<string[]> {
  return [...(namesInSync(folder) ?? [])].sort();
}

/** Names of what is in a folder; null when it cannot be read. */
export function namesInSync(folder: string): readonly string[] | null {
  try {
    return readdirSync(folder);
  } catch {
    return null;
  }
}

/** What is in a folder; nothing when it cannot be read. */
export async function entriesIn(folder: string): Promise<Dirent[]> {
  return readdir(folder, { withFileTypes: true }).catch(() => []);
}

/** A value as an object with unknown members; null for everything that is none. */
export function asRecord(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
}
