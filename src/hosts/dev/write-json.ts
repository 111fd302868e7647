import { writeAtomically } from '../../lib/write-atomically.js';

/** Write JSON so that a reader sees the old file or the new one, never half of it. */
export async function writeJson(file: string, value: unknown): Promise<void> {
  await writeAtomically(file, `${JSON.stringify(value, null, 2)}\n`);
}
