import { readdirSync, readFileSync } from 'node:fs';

/** The text of a file of `/proc`; empty when it cannot be read. */
export function readProc(file: string): string {
  try {
    return readFileSync(`/proc/${file}`, 'utf8');
  } catch {
    return '';
  }
}

/** Numbers of all processes of Linux, as text. */
export function processNames(): readonly string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
}
