import { expect, test } from 'vitest';
import { createManifest, explainBackend, freezeAll } from '../../src/freeze/index.js';
import type { EngineEvent } from '../../src/report.js';
import { testCacheDir } from '../support/paths.js';
import { makeProject } from './support/project.js';
import { runFrozen } from './support/program.js';
import { verifyBundle } from '../../src/verify/verify.js';

const files = {
  'a/one.py': 'print("one")\n',
  'b/two.py': 'print("two")\n',
  'c/three.py': 'import not_there_at_all\n',
};
const job = (entry: string, source: string): Record<string, unknown> => ({ kind: 'job', entry, source });

test('several backends are frozen in one call, share an environment, and come in the order asked for', async () => {
  const { backends } = await makeProject(files, {
    backends: { first: job('a/one.py', 'a'), second: job('b/two.py', 'b') },
  });
  const events: EngineEvent[] = [];
  const frozen = await freezeAll(backends, {
    cacheDir: testCacheDir,
    verify: verifyBundle,
    report: (event) => events.push(event),
  });
  expect(frozen.map((one) => one.backend.name)).toEqual(['first', 'second']);
  expect(await Promise.all(frozen.map((one) => runFrozen(one)))).toEqual(['one', 'two']);
  expect(Object.keys(createManifest(frozen).backends)).toEqual(['first', 'second']);
  expect(
    events
      .filter((event) => event.type === 'done')
      .map((event) => event.backend)
      .sort(),
  ).toEqual(['first', 'second']);
  const [first] = backends;
  if (first === undefined) throw new Error('no backend');
  expect(await explainBackend(first, { cacheDir: testCacheDir })).toMatchObject({
    cached: true,
    changes: [],
  });
  const other = { ...first, excludes: ['csv'] };
  expect(await explainBackend(other, { cacheDir: testCacheDir })).toMatchObject({
    cached: false,
    reason: 'setting excludes changed from [] to ["csv"]',
  });
});

test('when one fails the other is cancelled and the first failure is told', async () => {
  const { backends } = await makeProject(
    { ...files, 'b/two.py': `print("${Date.now()}")\n` },
    {
      backends: {
        slow: job('b/two.py', 'b'),
        broken: { ...job('c/three.py', 'c'), hiddenImports: ['nowhere.*'] },
      },
    },
  );
  const events: EngineEvent[] = [];
  await expect(
    freezeAll(backends, {
      cacheDir: testCacheDir,
      verify: verifyBundle,
      report: (event) => events.push(event),
    }),
  ).rejects.toMatchObject({ code: 'ERR_NOT_FOUND', backend: 'broken' });
  expect(events.filter((event) => event.type === 'done')).toEqual([]);
});
