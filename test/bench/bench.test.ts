import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { figure, limitsPage, page, type Stored } from '../../bench/frame/document.ts';
import { gotWorse, judge } from '../../bench/frame/judge.ts';
import { measure } from '../../bench/frame/measure.ts';
import { documents, writeResult } from '../../bench/frame/results.ts';
import { figuresOf, type Row } from '../../bench/frame/row.ts';
import { summary } from '../../bench/frame/statistics.ts';
import { Workplace } from '../../bench/frame/workplace.ts';
import { rows } from '../../bench/rows/index.ts';
import { countWords } from '../../scripts/long-cells.js';
import { temporaryFolder } from '../support/files.js';
import { repositoryDir } from '../support/paths.js';

test('median and ninth decile lie between the figures where they must', () => {
  expect(summary([4, 1, 3, 2])).toMatchObject({ median: 2.5, values: [4, 1, 3, 2] });
  expect(summary([0, 10]).p90).toBe(9);
  expect(summary([7])).toMatchObject({ median: 7, p90: 7 });
});

describe('a row', () => {
  test('is judged by the median of the ratios of its pairs, so that a machine that slows down decides nothing', () => {
    const result = judge({ ratio: 0.5 }, [1, 10, 100], [2, 20, 200]);
    expect(result).toMatchObject({ ratio: 0.5, met: true });
  });

  test('has to reach everything that its goal names', () => {
    expect(judge({ ratio: 1, ours: 150 }, [200], [300]).met).toBe(false);
    expect(judge({ ours: 150, ratio: 0.5 }, [100], [150]).met).toBe(false);
    expect(judge({ more: 25 }, [120], [100]).met).toBe(true);
    expect(judge({ more: 25 }, [130], [100]).met).toBe(false);
    expect(judge({ ours: 10 }, [9], null)).toMatchObject({ ratio: null, other: null, met: true });
  });

  test('got worse when its ratio is more than 1.3 times the goal', () => {
    expect(gotWorse({ ratio: 1 }, { ratio: 1.3 })).toBe(false);
    expect(gotWorse({ ratio: 1 }, { ratio: 1.31 })).toBe(true);
    expect(gotWorse({ ours: 10 }, { ratio: 5 })).toBe(false);
    expect(gotWorse({ ratio: 1 }, { ratio: null })).toBe(false);
  });

  test('and every further line out of its runs has a name of its own, a goal and a limit', () => {
    const lines = rows.flatMap(figuresOf);
    expect(new Set(lines.map(({ name }) => name)).size).toBe(lines.length);
    for (const { name, goal, other, limit } of lines) {
      expect(Object.keys(goal), name).not.toEqual([]);
      expect((goal.ratio ?? goal.more) === undefined || other !== undefined, name).toBe(true);
      expect(limit, name).toMatch(/\.$/);
    }
  });
});

test('one run may give the figures of several lines, and only what is compared has a ratio', async () => {
  let run = 0;
  const line = { unit: 'ms', goal: { ours: 10 }, limit: 'None.' } as const;
  const row: Row = {
    ...line,
    name: 'speed',
    ours: 'speed',
    other: 'theirs',
    runs: 2,
    also: [{ ...line, name: 'loss', ours: 'loss' }],
    prepare: async () => ({ ours: async () => [(run += 1), 50], other: async () => [10, 99] }),
  };
  const [speed, loss] = await measure(row, new Workplace(), 2);
  expect(speed).toMatchObject({
    figure: { name: 'speed' },
    result: { ours: { values: [2, 3] }, ratio: 0.25, met: true },
  });
  expect(loss).toMatchObject({
    figure: { name: 'loss' },
    result: { ours: { values: [50, 50] }, ratio: null, met: false },
  });
});

test('a result is kept as the formatter wants it, so that nothing has to be tidied after a run', async () => {
  const root = await temporaryFolder();
  const sides = judge(
    { ours: 10 },
    Array.from({ length: 21 }, (_, index) => 1000.123_45 + index),
    null,
  );
  const machine = { system: 'linux', processor: 'any', cores: 2, memoryGb: 8, node: '22' };
  await writeResult(root, { name: 'speed', unit: 'ms', goal: { ours: 10 }, machine, ...sides });
  const text = await readFile(path.join(root, 'bench/results/speed.json'), 'utf8');
  expect(text).toContain('"values": [');
  expect(text.split('\n').length).toBeLessThan(40);
  expect(text).toContain('1000.123,');
});

test('figures are as long as they can be told apart', () => {
  expect([0.123, 12.34, 123.4, 12_345.6].map(figure)).toEqual(['0.12', '12.3', '123', '12,346']);
});

test('the pages stay short enough to be read when every row has been measured', () => {
  const figures = [11_718, 12_630, 13_895];
  const machine = {
    system: 'linux 6.18 x64',
    processor: 'any processor',
    cores: 2,
    memoryGb: 25,
    node: '22',
  };
  const results = new Map(
    rows.flatMap(figuresOf).map(({ name, unit, goal, other }): [string, Stored] => {
      const sides = judge(goal, figures, other === undefined ? null : figures);
      return [name, { name, unit, goal, machine, ...sides }];
    }),
  );
  for (const text of [page(rows, results), limitsPage(rows, results)])
    expect(countWords(text)).toBeLessThanOrEqual(1500);
});

test('the page about performance says what was measured', async () => {
  for (const [file, content] of Object.entries(await documents(repositoryDir, rows)))
    expect(await readFile(path.join(repositoryDir, file), 'utf8'), `${file}: npm run bench`).toBe(content);
});
