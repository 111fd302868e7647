import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { activityOf, formatRecord, stageOf } from '../../../src/freeze/driver/stages.js';
import { parseRecord, type DriverRecord } from '../../../src/freeze/driver/records.js';

const info = (message: string): DriverRecord => ({ type: 'log', ms: 0, level: 'INFO', logger: 'x', message });

/** What PyInstaller 6.22.3 says about a small program, in its order. */
const transcript: readonly string[] = [
  'PyInstaller: 6.22.3, contrib hooks: 2026.9',
  'Python: 3.11.7',
  "Module search paths (PYTHONPATH):\n['/usr/lib/python311.zip']",
  'checking Analysis',
  'Building Analysis because Analysis-00.toc is non existent',
  'Running Analysis Analysis-00.toc',
  'Initializing module dependency graph...',
  'Initializing module graph hook caches...',
  'Analyzing modules for base_library.zip ...',
  "Processing standard module hook 'hook-heapq.py' from '/env/hooks'",
  'Caching module dependency graph...',
  'Analyzing /tmp/t 1/src/main.py',
  "Analyzing hidden import 'numbers_ns.sub'",
  'Processing module hooks (post-graph stage)...',
  'Performing binary vs. data reclassification (1 entries)',
  'Looking for ctypes DLLs',
  'Analyzing run-time hooks ...',
  "Including run-time hook 'pyi_rth_inspect.py' from '/env'",
  'Looking for dynamic libraries',
  'Warnings written to /tmp/warn-x.txt',
  'checking PYZ',
  'Building PYZ because PYZ-00.toc is non existent',
  'Building PYZ (ZlibArchive) /tmp/PYZ-00.pyz',
  'Building PYZ (ZlibArchive) /tmp/PYZ-00.pyz completed successfully.',
  'Building PKG (CArchive) main.pkg',
  'Building PKG (CArchive) main.pkg completed successfully.',
  'Building EXE because EXE-00.toc is non existent',
  'Building EXE from EXE-00.toc',
  'Building EXE from EXE-00.toc completed successfully.',
  'Building COLLECT because COLLECT-00.toc is non existent',
  'Building COLLECT COLLECT-00.toc',
  'Building COLLECT COLLECT-00.toc completed successfully.',
];

test("PyInstaller's messages become a short list of stages", () => {
  const titles = transcript.flatMap((message) => {
    const step = stageOf(info(message));
    return step === null ? [] : [step.title];
  });
  expect(titles.filter((title, index) => title !== titles[index - 1])).toEqual([
    'Starting PyInstaller',
    'Reading the standard library',
    'Analyzing main.py',
    'Analyzing hidden imports',
    'Processing package hooks',
    'Sorting binaries and data',
    'Looking for libraries',
    'Looking for dynamic libraries',
    'Packing Python modules',
    'Building the program',
    'Collecting files',
  ]);
});

test('our own bootstrap is called the program', () => {
  expect(stageOf(info('Analyzing /w/entry/electron_pyinstaller_main.py'))?.title).toBe(
    'Analyzing the program',
  );
});

test('a silent stretch is named after the package whose hook runs', () => {
  expect(activityOf(info("Processing standard module hook 'hook-torch.py' from '/x'"))).toBe('package torch');
});

test('a line of another program is no record, and no message breaks a stage', () => {
  expect(parseRecord('hello')).toBeNull();
  expect(parseRecord('{"a":1}')).toBeNull();
  expect(parseRecord('{broken')).toBeNull();
  fc.assert(
    fc.property(fc.string(), (message) => {
      const record = info(message);
      stageOf(record);
      activityOf(record);
      expect(formatRecord(record)).toContain(message);
      expect(parseRecord(JSON.stringify(record))).toEqual(record);
    }),
  );
});
