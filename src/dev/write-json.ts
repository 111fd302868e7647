import { rename, writeFile } from 'node:fs/promises';

/** Write JSON so that a reader sees the old file or the new one, never half of it. */
export async function writeJson(file: string, value: unknown): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  await writeFile(temporary, `${JSON.stringify(value, null, 2)}\n`);
  await rename(temporary, file);
}
