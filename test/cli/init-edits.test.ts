import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addForgePluginToJson, extendJson, extendYaml } from '../../src/cli/init/edit-builder.js';
import { addForgePlugin, type Edit } from '../../src/cli/init/edit-forge.js';
import { literal } from '../../src/cli/init/config-text.js';
import { changedLines } from '../../src/cli/init/changed-lines.js';
import { maskCode } from '../../src/cli/init/mask-code.js';

function edited(edit: Edit): string {
  if (edit.type !== 'edited') throw new Error(`${edit.type} instead of edited`);
  return edit.text;
}

describe('forge.config', () => {
  test('the template of Forge 8 gets an import and one element; nothing else moves', () => {
    const text = `import type { ForgeConfig } from '@electron-forge/shared-types';
import { VitePlugin } from '@electron-forge/plugin-vite';
import {
  FusesPlugin,
} from '@electron-forge/plugin-fuses';

const config: ForgeConfig = {
  // plugins: [ in a comment
  packagerConfig: { asar: true },
  plugins: [
    new VitePlugin({
      build: [],
    }),
  ],
};

export default config;
`;
    expect(edited(addForgePlugin(text, false))).toBe(
      text
        .replace(
          "} from '@electron-forge/plugin-fuses';\n",
          "} from '@electron-forge/plugin-fuses';\nimport { PyInstallerPlugin } from 'electron-pyinstaller/forge';\n",
        )
        .replace('  plugins: [\n', '  plugins: [\n    new PyInstallerPlugin(),\n'),
    );
  });

  test.each([
    ['module.exports = { plugins: [] };', 'module.exports = { plugins: [new PyInstallerPlugin()] };'],
    [
      "const a = require('a');\nmodule.exports = { plugins: [a(), b()] };",
      'plugins: [new PyInstallerPlugin(), a(), b()]',
    ],
  ])('CommonJS: %s', (text, expected) => {
    const result = edited(addForgePlugin(text, true));
    expect(result).toContain("const { PyInstallerPlugin } = require('electron-pyinstaller/forge');");
    expect(result).toContain(expected);
    if (text.startsWith('const'))
      expect(result.indexOf("require('a')")).toBeLessThan(result.indexOf('PyInstallerPlugin'));
  });

  test.each([
    ['no list', 'export default { makers: [] };'],
    ['two lists', 'export default { plugins: [], x: { plugins: [] } };'],
    ['a list only in a comment', '// plugins: []\nexport default {};'],
    ['a list only in a string', 'export default { a: "plugins: []" };'],
  ])('%s: the lines to add are shown instead', (_name, text) => {
    expect(addForgePlugin(text, false)).toMatchObject({
      type: 'manual',
      lines: expect.stringContaining('plugins: [new PyInstallerPlugin()]') as string,
    });
  });

  test('a plugin that is there already is left alone', () => {
    const once = edited(addForgePlugin('export default { plugins: [] };', false));
    expect(addForgePlugin(once, false)).toEqual({ type: 'unchanged' });
  });

  test('in package.json it is added by name, once, and the indentation stays', () => {
    const text = '{\n\t"config": {\n\t\t"forge": {}\n\t}\n}\n';
    const once = edited(addForgePluginToJson(text));
    expect(JSON.parse(once)).toEqual({
      config: { forge: { plugins: [{ name: 'electron-pyinstaller/forge', config: {} }] } },
    });
    expect(once).toContain('\n\t"config"');
    expect(addForgePluginToJson(once)).toEqual({ type: 'unchanged' });
  });
});

describe('electron-builder.yml', () => {
  test.each([
    [
      'comments stay where they are',
      '# my app\n\nappId: x # the id\n# the files\nfiles:\n  - dist # here\n',
      '# my app\n\nextends: electron-pyinstaller/electron-builder\nappId: x # the id\n# the files\nfiles:\n  - dist # here\n',
    ],
    [
      'a schema comment stays first',
      '# yaml-language-server: $schema=x\nappId: x\n',
      '# yaml-language-server: $schema=x\nextends: electron-pyinstaller/electron-builder\nappId: x\n',
    ],
    ['an empty file', '', 'extends: electron-pyinstaller/electron-builder\n'],
    [
      'a preset that is there goes behind ours',
      'appId: x # id\nextends: other/preset # theirs\n',
      'appId: x # id\nextends:\n  - electron-pyinstaller/electron-builder\n  - other/preset # theirs\n',
    ],
    [
      'a list of presets',
      'extends:\n  - a\n  # second\n  - b\n',
      'extends:\n  - electron-pyinstaller/electron-builder\n  - a\n  # second\n  - b\n',
    ],
  ])('%s', (_name, text, expected) => {
    expect(edited(extendYaml(text))).toBe(expected);
    expect(extendYaml(expected)).toEqual({ type: 'unchanged' });
  });

  test('a file that is not YAML is not touched', () => {
    expect(extendYaml('a: [').type).toBe('manual');
  });

  test('JSON, and build of package.json', () => {
    expect(edited(extendJson('{\n    "appId": "x"\n}', null))).toBe(
      '{\n    "appId": "x",\n    "extends": "electron-pyinstaller/electron-builder"\n}\n',
    );
    const inPackage = edited(extendJson('{"build":{"extends":"other"}}', 'build'));
    expect(JSON.parse(inPackage)).toEqual({
      build: { extends: ['electron-pyinstaller/electron-builder', 'other'] },
    });
    expect(extendJson(inPackage, 'build')).toEqual({ type: 'unchanged' });
    expect(extendJson('{}', 'build').type).toBe('manual');
  });
});

describe('maskCode', () => {
  test('hides comments, strings and templates, and keeps every position', () => {
    const text = `a("x // y", 'it\\'s', \`t\${1}\n\`); // plugins: [\n/* b\n*/ c`;
    const masked = maskCode(text);
    expect(masked).toHaveLength(text.length);
    expect(masked).not.toMatch(/plugins|it|x|y|b/);
    expect(masked.indexOf('c')).toBe(text.lastIndexOf('c'));
  });

  test('keeps length and line breaks of any text', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', '"', "'", '`', '\\', '/', '*', '\n', '[', ' ')), (parts) => {
        const text = parts.join('');
        const masked = maskCode(text);
        expect(masked).toHaveLength(text.length);
        for (let index = 0; index < text.length; index++) {
          if (text[index] === '\n') expect(masked[index]).toBe('\n');
        }
      }),
    );
  });
});

test('values become source code that means the same', async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue({ maxDepth: 3 }), async (value) => {
      // `__proto__` as a key of a literal sets the prototype; no configuration has such a key.
      fc.pre(!JSON.stringify(value).includes('__proto__'));
      const source = `export default ${literal(value)};`;
      const module = (await import(`data:text/javascript,${encodeURIComponent(source)}`)) as {
        default: unknown;
      };
      expect(JSON.stringify(module.default)).toBe(JSON.stringify(value));
    }),
    { numRuns: 60 },
  );
});

describe('changedLines', () => {
  test('shows what an edit adds and removes', () => {
    expect(changedLines('a\nb\nc', 'a\nx\nb')).toEqual(['+ x', '- c']);
    expect(changedLines('a', 'a')).toEqual([]);
  });

  test('the additions and removals turn one text into the other', () => {
    const text = fc
      .array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 })
      .map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(text, text, (before, after) => {
        const count = (lines: readonly string[]) => {
          const counts: Record<string, number> = {};
          for (const line of lines) counts[line] = (counts[line] ?? 0) + 1;
          return counts;
        };
        const changes = changedLines(before, after);
        const removed = changes.filter((line) => line.startsWith('- ')).map((line) => line.slice(2));
        const added = changes.filter((line) => line.startsWith('+ ')).map((line) => line.slice(2));
        expect(count([...before.split('\n'), ...added])).toEqual(count([...after.split('\n'), ...removed]));
      }),
    );
  });
});
