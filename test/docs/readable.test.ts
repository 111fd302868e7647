import { expect, test } from 'vitest';
import { cellWords, countWords } from '../../scripts/long-cells.js';
import { readPages } from './markdown.js';

const pages = await readPages();
const pageWords = 1500;

/** Looked into, not read: every key of the configuration. */
const references = ['docs/config.md'];

test('no page but the reference of the configuration is longer than 1,500 words', () => {
  const long = pages
    .filter(({ file }) => !references.includes(file))
    .map(({ file, text }) => `${file}: ${countWords(text)} words`)
    .filter((line) => Number(/(\d+) words$/.exec(line)?.[1]) > pageWords);
  expect(long).toEqual([]);
});

test('no cell of a table has more than 40 words', () => {
  const long = pages.flatMap(({ file, prose }) =>
    prose.flatMap((line, index) =>
      line?.startsWith('|') === true
        ? line
            .split(/(?<!\\)\|/)
            .map(countWords)
            .filter((words) => words > cellWords)
            .map((words) => `${file}:${index + 1}: ${words} words`)
        : [],
    ),
  );
  expect(long).toEqual([]);
});

test('no line of prose is longer than 200 characters, so that a change of it can be read', () => {
  const long = pages.flatMap(({ file, prose }) =>
    prose.flatMap((line, index) =>
      line !== null && line.length > 200 && !line.startsWith('|') ? [`${file}:${index + 1}`] : [],
    ),
  );
  expect(long).toEqual([]);
});
