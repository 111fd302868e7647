import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diagnoseOutput, diagnosisTable, formatDiagnoses } from '../../src/verify/diagnosis.js';
import { diagnosisSamples } from './diagnosis-samples.js';

const context = { configFile: 'pyinstaller.config.ts', configPath: 'backends.engine' };

describe('diagnoseOutput', () => {
  it.each(diagnosisSamples)('knows %s', (id, output, edit) => {
    const [first] = diagnoseOutput(`INFO: starting\n${output}\n`, context);
    expect(first?.id).toBe(id);
    expect(first?.edit).toContain(edit);
    expect(first?.cause).toMatch(/^.{20,}\.$/);
    expect(first?.cause + (first?.edit ?? '')).not.toMatch(/undefined|\s{2}/);
    expect(output.replaceAll(/\s+/g, ' ')).toContain(first?.evidence.replaceAll(/\s+/g, ' '));
  });

  it('has a sample for every row', () => {
    const sampled = new Set(diagnosisSamples.map(([id]) => id));
    expect(diagnosisTable.map(({ id }) => id).filter((id) => !sampled.has(id))).toEqual([]);
    expect(new Set(diagnosisTable.map(({ id }) => id)).size).toBe(diagnosisTable.length);
  });

  it('finds the line under colours and among thousands of others', () => {
    const noise = Array.from({ length: 5000 }, (_, index) => `line ${index}`).join('\n');
    const [first] = diagnoseOutput(
      `${noise}\n\u001b[31mModuleNotFoundError\u001b[0m: No module named 'x'\n${noise}`,
      context,
    );
    expect(first).toMatchObject({
      id: 'missing-module',
      evidence: "ModuleNotFoundError: No module named 'x'",
    });
  });

  it('names each missing module once, three at most', () => {
    const output = ['a', 'b', 'a', 'c', 'd']
      .map((name) => `ModuleNotFoundError: No module named '${name}'`)
      .join('\n');
    expect(diagnoseOutput(output, context).map(({ evidence }) => evidence.at(-2))).toEqual(['a', 'b', 'c']);
  });

  it('says nothing about what it does not know', () => {
    expect(diagnoseOutput('ValueError: wrong\n', context)).toEqual([]);
    expect(
      diagnoseOutput("FileNotFoundError: [Errno 2] No such file or directory: '/home/me/data.csv'", context),
    ).toEqual([]);
  });

  it('is quick on any text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom(...diagnosisSamples.map(([, output]) => output))), {
          maxLength: 50,
        }),
        (parts) => {
          const started = performance.now();
          const found = diagnoseOutput(parts.join(' ').repeat(20), context);
          expect(found.length).toBeLessThanOrEqual(3);
          expect(performance.now() - started).toBeLessThan(1000);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('formats cause, evidence and fix on lines of their own', () => {
    expect(
      formatDiagnoses(diagnoseOutput("ModuleNotFoundError: No module named 'x'", context)).split('\n'),
    ).toEqual([
      'The module x is imported at run time, and PyInstaller did not see that while it read the sources.',
      "  seen: ModuleNotFoundError: No module named 'x'",
      "  fix:  Add `hiddenImports: ['x']` to backends.engine in pyinstaller.config.ts. If it is not installed at all, add its distribution to the requirements instead.",
    ]);
  });
});
