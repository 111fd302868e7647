import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { presetTable, selectPresets } from '../../../src/config/presets/index.js';
import { presetPrograms } from '../../presets/programs.js';

const entry = { type: 'asgi', module: 'main', attribute: 'app' } as const;
const names = (
  presets: { auto?: boolean; on?: string[]; off?: string[] },
  installed: readonly string[],
): string[] =>
  selectPresets(
    { entry, presets: { auto: true, on: [], off: [], ...presets } },
    installed.map((name) => ({ name })),
  ).map((preset) => preset.name);

test('presets are detected from what is installed', () => {
  expect(names({}, ['fastapi', 'sqlalchemy', 'numpy'])).toEqual([
    'fastapi',
    'sqlalchemy',
    'plugins',
    'packages',
  ]);
});

test('a preset is switched off and on by name', () => {
  expect(names({ off: ['fastapi', 'plugins', 'packages'] }, ['fastapi'])).toEqual([]);
  expect(names({ auto: false, on: ['django'] }, ['fastapi'])).toEqual(['django']);
});

test('a hand-written spec gets none', () => {
  const spec = {
    entry: { type: 'spec', file: '/x.spec' } as const,
    presets: { auto: true, on: [], off: [] },
  };
  expect(selectPresets(spec, [{ name: 'fastapi' }])).toEqual([]);
});

test('every row says why, has a name of its own, and normalised distributions', () => {
  expect(new Set(presetTable.map((preset) => preset.name)).size).toBe(presetTable.length);
  for (const preset of presetTable) {
    expect(preset.why).toMatch(/^[A-Z`].*\.$/);
    expect(preset.name).toMatch(/^[a-z][a-z0-9-]*$/);
    for (const name of preset.when) expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
  }
});

test('every row has a program that is frozen and run', () => {
  expect(Object.keys(presetPrograms)).toEqual(presetTable.map((preset) => preset.name));
});

test('switching off always wins, and what is selected is in the table', () => {
  const some = fc.subarray(presetTable.map((preset) => preset.name));
  fc.assert(
    fc.property(
      fc.boolean(),
      some,
      some,
      fc.subarray(presetTable.flatMap((preset) => preset.when)),
      (auto, on, off, installed) => {
        const selected = names({ auto, on, off }, installed);
        for (const name of selected) expect(off).not.toContain(name);
        expect(new Set(selected).size).toBe(selected.length);
        if (!auto) for (const name of selected) expect(on).toContain(name);
      },
    ),
  );
});
