import { expect, test } from 'vitest';
import { readForgeInline } from '../../../src/cli/forge-inline.js';
import { readPluginConfig } from '../../../src/hosts/forge/options.js';
import { writeFiles } from '../../support/files.js';

const inline = { backends: { engine: { entry: 'main.py' } } };

test('an inline configuration has one name, from the plugin and from the command line', async () => {
  const config = JSON.stringify({ plugins: [{ name: 'electron-pyinstaller/forge', config: inline }] });
  const projectDir = await writeFiles({ 'forge.config.mjs': `export default ${config};` });
  const { source } = readPluginConfig(inline, projectDir);
  expect(source).toEqual({ projectDir, inline, inlineSource: 'forge.config.mjs (PyInstallerPlugin)' });
  expect(await readForgeInline(projectDir)).toEqual(source);
});

test('without a file of its own, Forge is configured in package.json', async () => {
  const { source } = readPluginConfig(inline, await writeFiles({ 'package.json': '{}' }));
  expect(source.inlineSource).toBe('package.json (PyInstallerPlugin)');
});
