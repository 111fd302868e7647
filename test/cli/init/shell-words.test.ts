import { expect, test } from 'vitest';
import { commandsIn, wordsIn } from '../../../src/cli/init/shell-words.js';

test.each([
  ['cd a && b c; d || e | f & g', ['cd a', 'b c', 'd', 'e', 'f', 'g']],
  ['a "b && c" \'d; e\'', ['a "b && c" \'d; e\'']],
  [String.raw`p --add-data x\y;z m.py;`, [String.raw`p --add-data x\y;z m.py`]],
  [`it's "open`, [`it's "open`]],
  ['  ', []],
])('%j is %j', (script, commands) => {
  expect(commandsIn(script)).toEqual(commands);
});

test('words lose their quotes', () => {
  expect(wordsIn(`a --b="c d" 'e f'g`)).toEqual(['a', '--b=c d', 'e fg']);
});
