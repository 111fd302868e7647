import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Io } from '../io.js';
import { createTheme } from '../render/theme.js';

/** Which file a report goes into. */
export interface ReportFile {
  readonly file: string;
  readonly backend: string;
  /** How many backends are reported on: with several, each file has the name of its own. */
  readonly count: number;
  readonly json: boolean | undefined;
}

/** Write the report on one backend, and say where, unless only JSON is to be printed. */
export async function writeReport(
  { file, backend, count, json }: ReportFile,
  content: string,
  io: Io,
): Promise<void> {
  const place = fileOfBackend(path.resolve(io.cwd, file), backend, count);
  await mkdir(path.dirname(place), { recursive: true });
  await writeFile(place, content);
  if (json !== true) io.out(`${createTheme(io.color).good('✔')} ${path.relative(io.cwd, place)}\n`);
}

/** One file per backend: with several, the name goes before the ending. */
export function fileOfBackend(file: string, backend: string, count: number): string {
  if (count === 1) return file;
  const { dir, name, ext } = path.parse(file);
  return path.join(dir, `${name}-${backend}${ext}`);
}
