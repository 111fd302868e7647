import { expect, test } from 'vitest';
import { diagnoseBuild } from '../../src/freeze/diagnose/diagnose.js';
import { buildTable } from '../../src/freeze/diagnose/table.js';

const place = { configFile: 'config/pyinstaller.config.ts', configPath: 'backends.engine' };
const evidence = (line: string) => ({ lines: ['something else', line], signal: null, lastStage: '' });

test.each(buildTable.map((row) => [row.id, row.example]))(
  '%s is recognised by its own example',
  (id, example) => {
    const diagnosis = diagnoseBuild(place, evidence(example));
    expect(diagnosis?.id).toBe(id);
    expect(diagnosis?.evidence).toBe(example);
    for (const text of [diagnosis?.cause, diagnosis?.fix]) {
      expect(text).toMatch(/^[A-Z`'/\w].*[^ ]$/s);
      expect(text).not.toMatch(/undefined|null,|  /);
    }
  },
);

test('edits name the file and the place in it', () => {
  const diagnosis = diagnoseBuild(place, evidence("ImportError: cannot import name 'X' from 'Y'"));
  expect(diagnosis?.fix).toContain(
    "`hiddenImports: ['Y.X']` in backends.engine of config/pyinstaller.config.ts.",
  );
});

test('a program killed by the system ran out of memory', () => {
  const diagnosis = diagnoseBuild(place, {
    lines: [],
    signal: 'SIGKILL',
    lastStage: 'Looking for dynamic libraries',
  });
  expect(diagnosis?.id).toBe('out-of-memory');
  expect(diagnosis?.evidence).toBe('Looking for dynamic libraries');
});

test('what nobody knows is not explained', () => {
  expect(diagnoseBuild(place, evidence('Something entirely new happened'))).toBeNull();
});
