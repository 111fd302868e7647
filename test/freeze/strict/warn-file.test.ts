import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseMiss, triageMisses } from '../../../src/freeze/strict/warn-file.js';

test('a line with several importers is taken apart', () => {
  expect(
    parseMiss(
      "missing module named 'pydantic.v1' - imported by /app/my é (x)/main.py (top-level), fastapi.x (optional, delayed)",
    ),
  ).toEqual({
    kind: 'missing',
    module: 'pydantic.v1',
    importers: [
      { module: '/app/my é (x)/main.py', how: ['top-level'] },
      { module: 'fastapi.x', how: ['optional', 'delayed'] },
    ],
  });
});

test('the head of the file is no miss', () => {
  expect(parseMiss('This file lists modules PyInstaller was not able to find.')).toBeNull();
});

test('only what first-party code runs into at once is kept', () => {
  const lines = [
    'missing module named winreg - imported by platform (delayed, optional), main (top-level)',
    "missing module named 'pydantic.BaseModel' - imported by main (top-level)",
    'missing module named torch - imported by services.gpu (top-level)',
    'missing module named uvloop - imported by uvicorn.loops (top-level)',
    'missing module named yaml - imported by main (optional)',
    'missing module named simplejson - imported by main (top-level), requests.compat (conditional)',
    'invalid module named services.broken - imported by main (delayed)',
    'invalid module named lib2to3.bad - imported by lib2to3 (top-level)',
  ];
  const kept = triageMisses(lines, new Set(['main', 'services.gpu']), new Set(['pydantic']));
  expect(kept.map((miss) => [miss.kind, miss.module])).toEqual([
    ['missing', 'torch'],
    ['missing', 'simplejson'],
    ['invalid', 'services.broken'],
  ]);
  expect(kept[1]?.importers).toEqual([{ module: 'main', how: ['top-level'] }]);
});

test('what is written is read again', () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,6}(\.[a-z][a-z0-9_]{0,6}){0,2}$/);
  const how = fc.subarray(['top-level', 'conditional', 'delayed', 'optional'], { minLength: 1 });
  fc.assert(
    fc.property(
      name,
      fc.array(fc.record({ module: name, how }), { minLength: 1, maxLength: 5 }),
      (module, importers) => {
        const quoted = module.includes('.') ? `'${module}'` : module;
        const text = importers
          .map((importer) => `${importer.module} (${importer.how.join(', ')})`)
          .join(', ');
        expect(parseMiss(`missing module named ${quoted} - imported by ${text}`)).toEqual({
          kind: 'missing',
          module,
          importers,
        });
      },
    ),
  );
});

test('no text makes the triage throw', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (lines) => Array.isArray(triageMisses(lines, new Set(), new Set()))),
  );
});
