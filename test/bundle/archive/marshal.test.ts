import { execa } from 'execa';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { python3 } from '../../python/real-pythons.js';
import { readMarshal, type MarshalValue } from '../../../src/bundle/archive/marshal.js';

/** Let Python write values, given as JSON with lists for tuples. */
async function python(values: unknown): Promise<Buffer[]> {
  const script = `
import json, marshal, sys
def tuples(value):
    return tuple(map(tuples, value)) if isinstance(value, list) else value
for value in json.load(sys.stdin):
    print(marshal.dumps([tuples(item) for item in value]).hex())
`;
  const { stdout } = await execa(python3(), ['-X', 'utf8', '-c', script], { input: JSON.stringify(values) });
  return stdout.split('\n').map((line) => Buffer.from(line, 'hex'));
}

describe('readMarshal', () => {
  it('reads what Python writes', async () => {
    const name = fc.oneof(fc.stringMatching(/^[a-z_.]{1,20}$/), fc.constantFrom('größe', '模块', ''));
    const offset = fc.oneof(fc.nat(), fc.maxSafeInteger(), fc.constantFrom(2 ** 31, 2 ** 40, -1, 0));
    const row = fc.tuple(name, fc.tuple(fc.nat(3), offset, fc.nat()));
    const tables = fc.sample(fc.array(row, { maxLength: 300 }), 60);
    const written = await python(tables);
    expect(written.map((bytes) => readMarshal(bytes))).toEqual(tables);
  });

  it('resolves references to repeated values', async () => {
    const table = Array.from({ length: 300 }, () => ['module.name', [0, 65536, 65536]]);
    const [bytes] = await python([table]);
    expect(bytes && readMarshal(bytes)).toEqual(table);
    expect(readMarshal(Buffer.from('\xdb\x02\x00\x00\x00\xfa\x01xr\x01\x00\x00\x00', 'latin1'))).toEqual([
      'x',
      'x',
    ]);
  });

  it('fails with one kind of error on anything else, at once', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom('[', '(', ')', 'i', 'z', 'l', 'u', ''),
        (rest, type) => {
          let value: MarshalValue;
          try {
            value = readMarshal(Buffer.concat([Buffer.from(type), rest]));
          } catch (error) {
            expect(error).toMatchObject({ code: 'ERR_DAMAGED_FILE' });
            return;
          }
          expect(value).not.toBe(undefined);
        },
      ),
      { numRuns: 3000 },
    );
  });
});
