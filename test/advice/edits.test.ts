import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { diagnose } from '../../src/advice/diagnose.js';
import { adviceTable } from '../../src/advice/table.js';
import { makeBackend } from '../freeze/support/project.js';
import { programSamples } from './samples.js';

/** Every text that a row of the table recognises: its own example, and what else is known of it. */
const texts = [
  ...adviceTable.flatMap(({ id, at, example }) => at.map((stage) => [id, stage, example] as const)),
  ...programSamples.map(([id, output]) => [id, 'verify', output] as const),
];

/** What may be known of the environment: nothing, that nothing is installed, that everything is. */
const places = [
  {},
  { installed: new Set<string>() },
  { installed: Object.assign(new Set<string>(), { has: () => true }) },
];

/** Every line of configuration that people are told to add. */
const lines = [
  ...new Map(
    texts.flatMap(([id, stage, text]) =>
      places
        .flatMap((place) => diagnose(stage, text, { configFile: 'c', configPath: 'b', ...place }, 3))
        .flatMap(({ edit }) => [...edit.matchAll(/add `([^`]+)` to b in c\./gi)])
        .map(([, line = '']) => [line, id] as const),
    ),
  ),
].map(([line, id]) => [id, line] as const);

/** What stands for something of the reader's project. */
const placeholders: readonly (readonly [string, string])[] = [
  ['<folder of the sources>', 'backend'],
  ['<folder>', 'backend'],
  ['<file>', 'company.pem'],
  ['<module>', 'unused'],
  ['<its folder>', 'backend'],
  ['<package>', 'backend'],
  ['C:/path/to/', 'backend/'],
  ['/path/to/', 'backend/'],
];

const files = {
  'backend/main.py': '',
  'backend.plist': '',
  ...Object.fromEntries(
    [
      'config/models.json',
      'labels.txt',
      'certs/a.pem',
      'templates/a.html',
      'static/a.css',
      'skimage/__init__.pyi',
      'nltk_data/corpora/a.txt',
      'libGL.so.1',
      'libgobject-2.0-0',
      'libmagic.so.1',
      'the.dll',
    ].map((file) => [`backend/${file}`, '']),
  ),
};

describe('the edits of the failure table', () => {
  it('are there', () => expect(lines.length).toBeGreaterThan(25));

  it.each(lines)('%s: `%s` is accepted by our own configuration', async (_id, line) => {
    const filled = placeholders.reduce((text, [name, value]) => text.replaceAll(name, value), line);
    // The lines are also YAML, in its flow style, once the key stands in braces.
    const edit = parse(`{ ${filled} }`) as Record<string, unknown>;
    await expect(makeBackend(files, { entry: 'backend/main.py', ...edit })).resolves.toMatchObject({
      name: 'engine',
    });
  });
});

it('nobody at a command line is told to look at an object of the app', () => {
  const advice = texts.flatMap(([, stage, text]) =>
    places.flatMap((place) => diagnose(stage, text, { configFile: 'c', configPath: 'b', ...place }, 3)),
  );
  expect(advice.length).toBeGreaterThan(100);
  for (const { cause, edit } of advice)
    expect(cause + edit).not.toMatch(/`tail`|\berror\.\w+|BackendError|\b(?:start|restart|status)\(\)/);
});

describe('what is not a line of configuration', () => {
  const keys = [...new Set(adviceTable.flatMap(({ example, at }) => advised(at[0] ?? 'build', example)))];
  it.each(keys)('`%s` is a key of the configuration', async (key) => {
    const names = key.split('.');
    const config = names.reduceRight<unknown>((value, name) => ({ [name]: value }), null);
    // Null fits no key: the message then says what fits, and of a key that is none, that there is none.
    await expect(
      makeBackend({ 'backend/main.py': '' }, { entry: 'backend/main.py', ...(config as object) }),
    ).rejects.toThrow(/got null/);
  });
});

/** Dotted names of keys in a piece of advice. */
function advised(stage: (typeof texts)[number][1], text: string): string[] {
  return diagnose(stage, text, { configFile: 'c', configPath: 'b' }).flatMap(({ edit }) =>
    [...edit.matchAll(/`((?:python|pyinstaller|verify|run|collect)\.\w+)`/g)].map((match) => match[1] ?? ''),
  );
}
