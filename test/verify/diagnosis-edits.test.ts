import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { configSchema } from '../../src/config/schema/index.js';
import { validate } from '../../src/config/check/validate.js';
import { diagnoseOutput } from '../../src/verify/diagnosis.js';
import { diagnosisSamples } from './diagnosis-samples.js';

/** Every line of configuration that people are told to add, for all samples. */
const lines = diagnosisSamples.flatMap(([id, output]) =>
  diagnoseOutput(output, { configFile: 'c', configPath: 'b' }).flatMap(({ edit }) =>
    [...edit.matchAll(/add `([^`]+)` to b in c\./gi)].map((match) => [id, match[1] ?? ''] as const),
  ),
);

describe('the edits of the diagnosis table', () => {
  it('are there', () => expect(lines.length).toBeGreaterThan(20));

  it.each(lines)('%s: `%s` is accepted by the schema', (_id, line) => {
    // The lines are also YAML, in its flow style, once the key stands in braces.
    const edit: unknown = parse(`{ ${line} }`);
    const config = { backends: { engine: { entry: 'main.py', ...(edit as object) } } };
    expect(validate(configSchema, config)).toEqual([]);
  });
});
