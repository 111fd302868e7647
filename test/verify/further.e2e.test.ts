import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { freeze, makeBackend } from '../freeze/support/project.js';
import { runFrozen } from '../freeze/support/program.js';

/** Things that nothing names in a way that can be read, each reached only when the one before is there. */
const files = {
  'backend/main.py': `import importlib
TABLE = {"one": "layers.one", "other": "layers.other"}

def main():
    importlib.import_module(TABLE["one"]).go()

if __name__ == "__main__":
    main()
`,
  'backend/layers/__init__.py': '',
  // Imports as PyInstaller would have followed them; what they lack is no news.
  'backend/layers/one.py': `import importlib, importlib.metadata, os, sys
from layers import companion

def go():
    print(importlib.import_module("-altgraph.Graph"[1:]).Graph.__name__)
    print(importlib.metadata.version("-packaging"[1:]) != "")
    with open(os.path.join(os.path.dirname(__file__), "sdrow"[::-1] + ".txt")) as file:
        print(file.read())
    with open("txt.evitaler"[::-1]) as file:
        print(file.read())
    print(importlib.import_module("-wave"[1:]).__name__)
    print(__import__("dne"[::-1]).VALUE + companion.VALUE)
`,
  'backend/layers/companion.py': 'import plistlib\nVALUE = 1\n',
  'backend/layers/other.py': '',
  'backend/layers/words.txt': 'words',
  'backend/end.py': 'VALUE = 41\n',
  'backend/relative.txt': 'relative',
};
// macOS starts no program that was changed, and a onefile program is lent things by changing it.
const modes = process.platform === 'darwin' ? ['onedir'] : ['onedir', 'onefile'];

test.each(modes)(
  'a %s program with seven layers of missing things needs two builds: all are found in the first',
  async (mode) => {
    const config = { kind: 'job', entry: 'backend/main.py', verify: { args: [] }, pyinstaller: { mode } };
    const message = await freeze(await makeBackend(files, config)).then(
      () => 'it passed',
      (error: unknown) => (error as Error).message,
    );
    const lines = [
      ...message.matchAll(/(?:Add|add) `?((?:hiddenImports|collect|data): [^`\n]*?)`? to backends\.engine/g),
    ].map(([, line = '']) => parse(`{ ${line} }`) as Readonly<Record<string, unknown>>);
    const edit = {
      ...Object.assign({}, ...lines),
      hiddenImports: lines.flatMap(({ hiddenImports = [] }) => hiddenImports),
    };
    expect(edit, message).toMatchObject({
      hiddenImports: expect.arrayContaining([
        'layers.one',
        'layers.other',
        'altgraph.Graph',
        'wave',
        'end',
      ]) as unknown,
      collect: { metadata: ['packaging'] },
      data: ['backend/layers/words.txt', 'backend/relative.txt'],
    });
    expect(edit.hiddenImports).not.toContain('plistlib');
    expect(message).toContain('With all of it the program passes.');

    expect(message).toContain("write resource_path('relative.txt') in the code");

    const one = `from electron_pyinstaller import resource_path\n${files['backend/layers/one.py']}`.replace(
      'open("txt.evitaler"[::-1])',
      `open(resource_path('relative.txt'))`,
    );
    const mended = await makeBackend({ ...files, 'backend/layers/one.py': one }, { ...config, ...edit });
    const { frozen } = await freeze(mended);
    expect(await runFrozen(frozen)).toBe('Graph\nTrue\nwords\nrelative\nwave\n42');
  },
  600_000,
);
