import { expect, test } from 'vitest';
import { scriptOfSpec } from '../../../src/hosts/dev/entry.js';
import { interpreterOptions } from '../../../src/hosts/dev/manifest.js';

test.each([
  ["a = Analysis(['main.py'], pathex=[])", 'main.py'],
  ['a = Analysis(\n    scripts=["src/main.py", "b.py"],\n)', 'src/main.py'],
  ["# Analysis(['old.py'])\na = Analysis([r'C:\\app\\main.py'])", 'C:\\app\\main.py'],
  ['a = Analysis(scripts)', null],
  ['a = Analysis([os.path.join(SPECPATH, "main.py")])', null],
  ['print("nothing here")', null],
])('the script of the spec %j is %j', (spec, expected) => {
  expect(scriptOfSpec(spec)).toBe(expected);
});

test('options of the interpreter are written as on its command line', () => {
  expect(interpreterOptions(['W ignore::DeprecationWarning', 'X dev', 'v', 'hash_seed=0'])).toEqual([
    '-W',
    'ignore::DeprecationWarning',
    '-X',
    'dev',
    '-v',
  ]);
});
