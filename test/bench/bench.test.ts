import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { figure } from '../../bench/frame/document.ts';
import { gotWorse, judge } from '../../bench/frame/judge.ts';
import { documents } from '../../bench/frame/results.ts';
import { summary } from '../../bench/frame/statistics.ts';
import { rows } from '../../bench/rows/index.ts';
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

  test('has a name of its own, a goal and a limit', () => {
    expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
    for (const row of rows) {
      expect(Object.keys(row.goal), row.name).not.toEqual([]);
      expect(row.goal.ratio === undefined || row.other !== '', row.name).toBe(true);
      expect(row.limit, row.name).toMatch(/\.$/);
    }
  });
});

test('figures are as long as they can be told apart', () => {
  expect([0.123, 12.34, 123.4, 12_345.6].map(figure)).toEqual(['0.12', '12.3', '123', '12,346']);
});

test('the page about performance says what was measured', async () => {
  for (const [file, content] of Object.entries(await documents(repositoryDir, rows)))
    expect(await readFile(path.join(repositoryDir, file), 'utf8'), `${file}: npm run bench`).toBe(content);
});
