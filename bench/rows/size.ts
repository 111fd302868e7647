import path from 'node:path';
import { bundleSize, listBundle } from '../../dist/bundle/index.js';
import { example } from '../fixtures/example.ts';
import { frozenPlain, placed } from '../fixtures/subject.ts';
import type { Row } from '../frame/row.ts';

const megabytes = async (folder: string): Promise<number> => bundleSize(await listBundle(folder)) / 1e6;

/** What users download, before it is compressed. */
export const size: Row = {
  name: 'size',
  ours: 'size of the frozen example',
  other: "PyInstaller's folder with its defaults",
  unit: 'MB',
  runs: 1,
  quickRuns: 1,
  goal: { ratio: 1.15 },
  limit: 'Modules lie uncompressed in it, which installers compress better and Python loads faster.',
  async prepare(place) {
    const { resources } = await placed(place, example);
    const plain = path.dirname(await frozenPlain(place, example, 'onedir'));
    return {
      ours: () => megabytes(path.join(resources, 'engine')),
      other: () => megabytes(plain),
    };
  },
};
