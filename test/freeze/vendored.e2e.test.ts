import { expect, test } from 'vitest';
import { readArchive } from '../../src/bundle/index.js';
import { freeze, makeBackend } from './support/project.js';
import { programOf, runFrozen } from './support/program.js';

const tries = `try:
    import tomli
except ImportError:
    tomli = None

if __name__ == "__main__":
    print("tomli:", tomli is not None)
`;
// No word of setuptools stands in it.
const hook = 'hiddenimports = ["tools".join(["setup", ""])]\n';

async function frozen(
  files: Readonly<Record<string, string>>,
  config: Readonly<Record<string, unknown>> = {},
): Promise<{ modules: readonly string[]; printed: string }> {
  const backend = await makeBackend(files, { kind: 'job', entry: 'backend/main.py', ...config });
  const made = await freeze(backend);
  const archive = await readArchive(programOf(made.frozen));
  return { modules: archive?.modules.map(({ name }) => name) ?? [], printed: await runFrozen(made.frozen) };
}

test('a try to import what setuptools holds for itself does not bring setuptools', async () => {
  const { modules, printed } = await frozen({ 'backend/main.py': tries });
  expect(printed).toBe('tomli: False');
  expect(modules.filter((name) => /^(?:setuptools|tomli)\b/.test(name))).toEqual([]);
}, 600_000);

test.each([
  ['code of the project imports it', `import setuptools\n${tries}`, {}],
  [
    'only a hook brings it',
    tries.replace('if __name__', '__import__("setup" + "tools")\nif __name__'),
    { pyinstaller: { hooks: ['hooks'] } },
  ],
])(
  'where %s, it has all that it needs',
  async (_how, main, config) => {
    const files = { 'backend/main.py': main, 'backend/local.py': '', 'hooks/hook-local.py': hook };
    const { modules } = await frozen({ ...files, 'backend/main.py': `import local\n${main}` }, config);
    expect(modules).toContain('setuptools');
  },
  600_000,
);
