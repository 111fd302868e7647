import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadConfig, type LoadOptions } from '../../../src/config/index.js';
import { temporaryFolder, writeFiles } from '../../support/files.js';
import { errorOf } from '../support.js';

const config = { backends: { engine: { entry: { asgi: 'main:app' } } } };
const json = JSON.stringify(config);
const yaml = 'backends:\n  engine:\n    entry: { asgi: "main:app" }\n';
const typed = `import { defineConfig } from 'electron-pyinstaller';
const name: string = 'main:app';
export default defineConfig({ backends: { engine: { entry: { asgi: name } } } });
`;

describe('a configuration is read from', () => {
  test.each<readonly [string, string]>([
    ['pyinstaller.config.ts', typed],
    ['pyinstaller.config.mts', typed],
    ['pyinstaller.config.js', `export default ${json};`],
    ['pyinstaller.config.mjs', `export default async () => (${json});`],
    ['pyinstaller.config.cjs', `module.exports = ${json};`],
    ['pyinstaller.config.json', `\uFEFF${json}`],
    ['pyinstaller.config.yml', yaml],
    ['pyinstaller.config.yaml', `# yaml-language-server: $schema=./x.json\n${yaml}`],
    ['pyinstaller.config.ts', `export default (): unknown => (${json});`],
  ])('%s', async (name, text) => {
    const projectDir = await writeFiles({ [name]: text });
    const loaded = await loadConfig({ projectDir });
    expect(loaded.config).toEqual(config);
    expect(loaded).toMatchObject({
      configFile: name,
      file: path.join(projectDir, name),
      prefix: [],
      projectDir,
    });
  });

  test('the key pyinstaller of package.json', async () => {
    const projectDir = await writeFiles({
      'package.json': JSON.stringify({ name: 'x', pyinstaller: config }),
    });
    expect(await loadConfig({ projectDir })).toMatchObject({
      config,
      configFile: 'package.json',
      prefix: ['pyinstaller'],
    });
  });

  test('an object given inline', async () => {
    const loaded = await loadConfig({
      projectDir: await temporaryFolder(),
      inline: config,
      inlineSource: 'forge.config.ts',
    });
    expect(loaded).toMatchObject({ config, configFile: 'forge.config.ts', file: null });
  });

  test('a function given inline', async () => {
    const inline = (): Promise<unknown> => Promise.resolve(config);
    expect((await loadConfig({ projectDir: await temporaryFolder(), inline })).config).toEqual(config);
  });

  test('a file named explicitly, beside another one', async () => {
    const projectDir = await writeFiles({ 'pyinstaller.config.json': '{}', 'other/my.yml': yaml });
    expect(await loadConfig({ projectDir, file: 'other/my.yml' })).toMatchObject({
      config,
      configFile: 'other/my.yml',
    });
  });

  test('package.json named explicitly', async () => {
    const projectDir = await writeFiles({ 'package.json': JSON.stringify({ pyinstaller: config }) });
    expect((await loadConfig({ projectDir, file: 'package.json' })).config).toEqual(config);
  });

  test('a TypeScript file that imports another one, read anew after an edit', async () => {
    const projectDir = await writeFiles({
      'pyinstaller.config.ts': `import { entry } from './entry.ts';\nexport default { backends: { engine: { entry } } };`,
      'entry.ts': `export const entry = 'one.py' as string;`,
    });
    const entry = async (): Promise<unknown> =>
      (await loadConfig({ projectDir })).config.backends['engine']?.entry;
    expect(await entry()).toBe('one.py');
    await writeFiles({ 'entry.ts': `export const entry = 'two.py' as string;` }, projectDir);
    expect(await entry()).toBe('two.py');
  });
});

test('keys whose value is undefined count as not written', async () => {
  const inline = { backends: { engine: { entry: 'main.py', source: undefined } }, cacheDir: undefined };
  const loaded = await loadConfig({ projectDir: await temporaryFolder(), inline });
  expect(loaded.config).toEqual({ backends: { engine: { entry: 'main.py' } } });
});

describe('more than one configuration is an error that names them', () => {
  test.each<readonly [string, Readonly<Record<string, string>>, Partial<LoadOptions>, string]>([
    [
      'two files',
      { 'pyinstaller.config.ts': typed, 'pyinstaller.config.json': json },
      {},
      'pyinstaller.config.ts and pyinstaller.config.json',
    ],
    [
      'a file and package.json',
      { 'pyinstaller.config.yml': yaml, 'package.json': `{"pyinstaller":${json}}` },
      {},
      'pyinstaller.config.yml and package.json (key "pyinstaller")',
    ],
    [
      'inline and a file',
      { 'pyinstaller.config.ts': typed },
      { inline: config, inlineSource: 'forge.config.ts (PyInstallerPlugin)' },
      'forge.config.ts (PyInstallerPlugin) and pyinstaller.config.ts',
    ],
    [
      'inline and an explicit file',
      { 'x.json': json },
      { inline: config, file: 'x.json' },
      'the inline configuration and x.json',
    ],
  ])('%s', async (_, files, options, names) => {
    const error = await errorOf(loadConfig({ projectDir: await writeFiles(files), ...options }));
    expect(error.code).toBe('ERR_CONFIG');
    expect(error.message).toBe(
      `Several configurations of electron-pyinstaller were found and only one can be used: ${names}.\nKeep one and delete the others.`,
    );
  });

  test('but an empty inline object is none', async () => {
    const projectDir = await writeFiles({ 'pyinstaller.config.json': json });
    expect((await loadConfig({ projectDir, inline: {} })).configFile).toBe('pyinstaller.config.json');
  });
});

test('no configuration is an error that says where it looked and shows an example', async () => {
  const projectDir = await writeFiles({
    'package.json': '{"name":"x"}',
    'pyinstaller.config.ts/folder.txt': '',
  });
  const error = await errorOf(loadConfig({ projectDir }));
  expect(error.code).toBe('ERR_CONFIG');
  expect(error.message).toContain(
    `Looked in ${projectDir} for pyinstaller.config.{ts,mts,js,mjs,cjs,json,yml,yaml}`,
  );
  expect(error.message).toContain('key "pyinstaller" in package.json');
  const example = /\{ "backends".*\}/.exec(error.message)?.[0] ?? '';
  expect(
    (await loadConfig({ projectDir, inline: JSON.parse(example) })).config.backends['engine'],
  ).toBeDefined();
});

describe('a file that cannot be read is an error with line and column', () => {
  test.each<readonly [string, string, RegExp]>([
    [
      'pyinstaller.config.json',
      '{\n  "backends": {\n    engine: 1\n  }\n}',
      /^pyinstaller\.config\.json:3:5: the configuration could not be read: /,
    ],
    ['pyinstaller.config.json', '{\n  "a": 1,\n}', /^pyinstaller\.config\.json:3:1: /],
    ['pyinstaller.config.json', '{ "backends": ', /^pyinstaller\.config\.json:1:15: /],
    ['pyinstaller.config.json', '', /^pyinstaller\.config\.json:1:1: /],
    ['package.json', '{\n"pyinstaller": {},\n "a" 1 }', /^package\.json:3:6: /],
    [
      'pyinstaller.config.yml',
      'backends:\n  engine:\n   entry: [a\n',
      /^pyinstaller\.config\.yml:4:1: the configuration could not be read: /,
    ],
    ['pyinstaller.config.yml', 'backends: {}\nbackends: {}\n', /^pyinstaller\.config\.yml:2:1: .*unique/],
    [
      'pyinstaller.config.ts',
      'export default {\n  backends: {\n    engine: {{\n',
      /^pyinstaller\.config\.ts:3:\d+: the configuration could not be run: /,
    ],
    [
      'pyinstaller.config.ts',
      'const a: number = 1;\n\nexport default { b: nowhere };',
      /^pyinstaller\.config\.ts:3:\d+: the configuration could not be run: nowhere is not defined/,
    ],
    [
      'pyinstaller.config.mjs',
      'export default () => {\n  throw new Error("no network");\n};',
      /^pyinstaller\.config\.mjs:2:\d+: the configuration could not be run: no network/,
    ],
    [
      'pyinstaller.config.cjs',
      'require("not-there-at-all")',
      /^pyinstaller\.config\.cjs(?::\d+:\d+)?: the configuration could not be run: .*not-there-at-all/,
    ],
  ])('%s: %j', async (name, text, message) => {
    const projectDir = await writeFiles({ [name]: text });
    const error = await errorOf(loadConfig({ projectDir }));
    expect(error.code).toBe('ERR_CONFIG');
    expect(error.message).toMatch(message);
    expect(error.message.split('\n')).toHaveLength(1);
    expect(error.file).toBe(path.join(projectDir, name));
  });

  test('a file of another kind', async () => {
    const projectDir = await writeFiles({ 'a.toml': 'x' });
    expect((await errorOf(loadConfig({ projectDir, file: 'a.toml' }))).message).toBe(
      'a.toml: cannot read a configuration from a file that ends in ".toml"; use .ts, .mts, .js, .mjs, .cjs, .json, .yml or .yaml.',
    );
  });

  test.each(['none.json', 'none.ts'])('a file that is not there: %s', async (file) => {
    const projectDir = await temporaryFolder();
    expect((await errorOf(loadConfig({ projectDir, file }))).message).toBe(
      `${file}: the file cannot be read (ENOENT); looked at ${path.join(projectDir, file)}`,
    );
  });

  test('an inline function that fails', async () => {
    const inline = (): never => {
      throw new Error('no such variable');
    };
    const error = await errorOf(
      loadConfig({ projectDir: await temporaryFolder(), inline, inlineSource: 'forge.config.ts' }),
    );
    expect(error.message).toBe(
      'forge.config.ts: the function that makes the configuration failed: no such variable',
    );
  });

  test('aliases that multiply without end', async () => {
    const bomb = ['a: &a0 [x, x, x, x, x, x, x, x, x]'];
    for (let level = 1; level < 9; level += 1)
      bomb.push(
        `b${level}: &a${level} [${Array(9)
          .fill(`*a${level - 1}`)
          .join(', ')}]`,
      );
    const error = await errorOf(
      loadConfig({ projectDir: await writeFiles({ 'pyinstaller.config.yml': bomb.join('\n') }) }),
    );
    expect(error.message).toContain('pyinstaller.config.yml');
    expect(error.code).toBe('ERR_CONFIG');
  });
});

test('problems in package.json and in extraMetadata are named with their whole path', async () => {
  const projectDir = await writeFiles({
    'package.json': '{"pyinstaller":{"backends":{"engine":{"entry":1}}}}',
  });
  expect((await errorOf(loadConfig({ projectDir }))).message).toMatch(
    /^package\.json: pyinstaller\.backends\.engine\.entry: expected /,
  );
  const inline = { backends: { engine: { entry: 1 } } };
  const place = { inlineSource: 'electron-builder.yml', inlinePrefix: ['extraMetadata', '_pyinstaller'] };
  const error = await errorOf(loadConfig({ projectDir: await temporaryFolder(), inline, ...place }));
  expect(error.message).toMatch(
    /^electron-builder\.yml: extraMetadata\._pyinstaller\.backends\.engine\.entry: expected /,
  );
});
