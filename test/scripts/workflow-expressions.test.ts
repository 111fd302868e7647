import { expect, test } from 'vitest';
import { evaluated, readOutputs } from '../../scripts/workflows/expressions.ts';
import { writeFiles } from '../support/files.js';

test('an expression of a workflow has its value, or is an error', async () => {
  const files = await writeFiles({ "it's.txt": 'a', 'b.txt': 'b' });
  const outputs = new Map([['backends', readOutputs('key=k-1\nother line\n')]]);
  const contexts = { workspace: files, matrix: { target: 'linux-x64' }, outputs };
  const value = (text: string) => evaluated(text, contexts);
  expect(value('${{ github.workspace }}/.cache')).toBe([files, '.cache'].join('/'));
  expect(value('x-${{ matrix.target }}-${{ steps.backends.outputs.key }}')).toBe('x-linux-x64-k-1');
  const both = value("${{ hashFiles('it''s.txt', 'b.txt') }}");
  expect(both).toMatch(/^[0-9a-f]{64}$/);
  expect(value("${{ hashFiles('b.txt') }}")).not.toBe(both);
  expect(() => value('${{ steps.yarn.outputs.folder }}')).toThrow('has no value');
  expect(() => value('${{ secrets.TOKEN }}')).toThrow('is not known here');
  expect(() => value("${{ hashFiles('gone.lock') }}")).toThrow('ENOENT');
});
