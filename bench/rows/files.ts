import { createHash } from 'node:crypto';
import { readdir, readFile, truncate } from 'node:fs/promises';
import path from 'node:path';
import { copyBundle } from '../../dist/bundle/copy.js';
import { digestBundle } from '../../dist/bundle/digest.js';
import { checkIntegrity } from '../../dist/runtime/integrity/integrity.js';
import type { ManifestFile } from '../../dist/runtime/manifest.js';
import { bigFolder } from '../fixtures/big-folder.ts';
import { timed, took } from '../fixtures/run.ts';
import type { Row } from '../frame/row.ts';
import type { Workplace } from '../frame/workplace.ts';

const subject = '1 GB, 5,000 files';

async function check(place: Workplace, level: 'full' | 'cached', cacheFile: string): Promise<number> {
  const directory = await bigFolder(place);
  const files = await listed(place);
  const signal = new AbortController().signal;
  return await took(() =>
    checkIntegrity({ name: 'big', directory, files, level, key: 'big', cacheFile, signal }),
  );
}

function listed(place: Workplace): Promise<readonly ManifestFile[]> {
  return place.once('big-digests', async () =>
    digestBundle(await bigFolder(place), { executable: 'huge-0', platform: 'linux' }),
  );
}

/**
 * Give the space back, and the files with the row's end: for minutes after a file was deleted ext4 looks at it again each time it
 * makes a new one, which would be most of the next copy.
 */
async function emptied(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) await truncate(path.join(entry.parentPath, entry.name));
}

/** What is paid by the byte and by the file. */
export const files: readonly Row[] = [
  {
    name: 'place',
    ours: `placing ${subject}`,
    other: '`cp -a`',
    unit: 'ms',
    runs: 7,
    quickRuns: 3,
    goal: { ratio: 0.7 },
    limit:
      'The disk: both write 1 GB. On file systems that share blocks nothing is copied at all. On ext4 a copy takes twice as long for minutes after as many files were deleted, for both.',
    async prepare(place) {
      const from = await bigFolder(place);
      const into = async (copied: (to: string) => Promise<number>): Promise<number> => {
        const to = path.join(await place.folder(), 'copy');
        const tookMs = await copied(to);
        await emptied(to);
        return tookMs;
      };
      return {
        ours: () => into((to) => took(() => copyBundle(from, to))),
        other: () => into((to) => timed('cp', ['-a', from, to])),
      };
    },
  },
  {
    name: 'integrity-full',
    ours: `integrity \`full\`, ${subject}`,
    other: 'reading and SHA-256 in one thread',
    unit: 'ms',
    runs: 7,
    quickRuns: 3,
    goal: { ratio: 0.6 },
    limit: 'SHA-256 on the cores that there are: with two of them, half.',
    async prepare(place) {
      const directory = await bigFolder(place);
      const expected = await listed(place);
      return {
        ours: () => check(place, 'full', ''),
        other: () =>
          took(async () => {
            for (const file of expected)
              createHash('sha256')
                .update(await readFile(path.join(directory, file.path)))
                .digest('hex');
          }),
      };
    },
  },
  {
    name: 'integrity-cached',
    ours: `integrity \`cached\`, ${subject}`,
    unit: 'ms',
    runs: 11,
    goal: { ours: 60 },
    limit: 'One `lstat` for each file, four at a time (the threads of Node).',
    async prepare(place) {
      const cacheFile = path.join(await place.folder(), 'cache.json');
      return { ours: () => check(place, 'cached', cacheFile) };
    },
  },
];
