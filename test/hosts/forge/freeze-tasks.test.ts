import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { freezeTasks } from '../../../src/hosts/forge/freeze-tasks.js';
import { listOptions, type TaskDefinition, type TaskLike } from '../../../src/hosts/forge/task.js';
import { ProjectBuild } from '../../../src/hosts/shared/project-build.js';
import { temporaryFolder, writeFiles } from '../../support/files.js';
import { foreignBundles } from '../../support/foreign.js';

/** Two backends that were frozen elsewhere; nothing is in the folder of the second when `broken`. */
async function twoBackends(broken: boolean): Promise<ProjectBuild> {
  const projectDir = await writeFiles({ 'package.json': '{}', 'backend/main.py': '' });
  const prebuilt = await foreignBundles(path.join(projectDir, 'prebuilt/first'), 'first');
  const other = await foreignBundles(path.join(projectDir, 'prebuilt/second'), 'second');
  const empty = path.join(projectDir, 'empty');
  await mkdir(empty);
  const common = { entry: { asgi: 'main:app' }, source: 'backend' };
  const second = broken ? { 'darwin-x64': empty, 'darwin-arm64': empty } : other;
  const inline = {
    cacheDir: path.join(await temporaryFolder(), 'cache'),
    backends: { first: { ...common, prebuilt }, second: { ...common, prebuilt: second } },
  };
  return new ProjectBuild({ projectDir, inline, inlineSource: 'a test' });
}

interface Outcome {
  readonly title: string;
  readonly error: string | null;
}

/** What Listr does with a list, without drawing it: everything at once, subtasks included. */
async function runTasks(tasks: readonly TaskDefinition[]): Promise<Outcome[]> {
  const outcomes = await Promise.all(
    tasks.map(async (definition): Promise<Outcome[]> => {
      let inner: readonly TaskDefinition[] = [];
      const task: TaskLike = {
        title: definition.title,
        output: '',
        newListr: (subtasks) => {
          inner = subtasks;
          return undefined;
        },
      };
      try {
        await definition.task(undefined, task);
      } catch (error) {
        return [{ title: task.title, error: (error as Error).message }];
      }
      return [{ title: task.title, error: null }, ...(await runTasks(inner))];
    }),
  );
  return outcomes.flat();
}

test('every backend has a task that ends with what became of it', async () => {
  const build = await twoBackends(false);
  const request = { platform: 'darwin', archs: ['x64'], universal: false } as const;
  const outcomes = await runTasks(await freezeTasks(build, request, false));
  expect(outcomes.map(({ title }) => title)).toEqual([
    expect.stringMatching(/^first: .*\d files/),
    expect.stringMatching(/^second: .*\d files/),
  ]);
});

test('several architectures have a task each, with the backends below', async () => {
  const build = await twoBackends(false);
  const request = { platform: 'darwin', archs: ['x64', 'arm64'], universal: true } as const;
  const tasks = await freezeTasks(build, request, false);
  expect(tasks.map(({ title }) => title).sort()).toEqual(['For darwin-arm64', 'For darwin-x64']);
  const outcomes = await runTasks(tasks);
  expect(outcomes.filter(({ title }) => title.startsWith('first:'))).toHaveLength(2);
  expect(outcomes.every(({ error }) => error === null)).toBe(true);
});

test('one failure is one message, on the task of its backend', async () => {
  const build = await twoBackends(true);
  const request = { platform: 'darwin', archs: ['x64'], universal: false } as const;
  const outcomes = await runTasks(await freezeTasks(build, request, false));
  const failed = outcomes.filter(({ error }) => error !== null);
  expect(failed).toHaveLength(1);
  expect(failed[0]?.error).toContain('second');
  expect(outcomes[0]?.title).toMatch(/^first: /);
});

test('what was warned of stays in the list below its backend, when live lines are gone', async () => {
  const build = await twoBackends(false);
  const tasks = await freezeTasks(build, { platform: 'darwin', archs: ['x64'], universal: false }, true);
  expect(tasks.map(({ rendererOptions }) => rendererOptions)).toEqual([
    { persistentOutput: true },
    { persistentOutput: true },
  ]);
  expect(listOptions.rendererOptions.collapseSubtasks).toBe(false);
  const task: TaskLike = { title: '', output: '', newListr: () => undefined };
  await tasks[0]?.task(undefined, task);
  // The program is for another system: nothing of it was run.
  expect(task.output).toMatch(/^Warning: first was not started/);
});
