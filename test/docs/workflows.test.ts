import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { createProgram } from '../../src/cli/program.js';
import { buildCommands } from '../../src/cli/init/workflow/commands.js';
import type { WorkflowFacts } from '../../src/cli/init/workflow/facts.js';
import { workflowText } from '../../src/cli/init/workflow/text.js';
import { silentIo } from '../cli/support.js';
import { repositoryDir } from '../support/paths.js';
import { workflowProblems } from '../support/workflow-schema.js';
import { pageText, readPage } from './markdown.js';

interface Step {
  readonly id?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly 'working-directory'?: string;
}

interface Job {
  readonly 'runs-on': string;
  readonly needs?: readonly string[];
  readonly strategy?: {
    readonly matrix: Readonly<Record<string, unknown>> & {
      readonly include?: readonly Readonly<Record<string, unknown>>[];
    };
  };
  readonly steps: readonly Step[];
}

/** The page shows Forge with npm, in a repository of its own. */
const facts: WorkflowFacts = {
  host: 'forge',
  packageManager: 'npm',
  repository: {
    project: '.',
    installFolder: '.',
    lockFile: 'package-lock.json',
    branch: 'main',
    localBuilds: [],
    packageManager: null,
  },
  nodeVersionFile: null,
  hasOwnYarn: false,
  pythonVersions: ['3.12'],
  usesUv: false,
  requirementFiles: ['backend/requirements.txt'],
  commands: buildCommands({
    host: 'forge',
    packageManager: 'npm',
    scripts: { make: 'electron-forge make' },
    usesElectronVite: false,
    generates: true,
    hasMakers: true,
  }),
  outputs: ['out/make/**'],
};

async function workflows(): Promise<[string, string][]> {
  const folder = path.join(repositoryDir, '.github/workflows');
  const own = await Promise.all(
    (await readdir(folder)).map(async (name): Promise<[string, string]> => [
      name,
      await readFile(path.join(folder, name), 'utf8'),
    ]),
  );
  const written = (['npm', 'pnpm', 'yarn', 'berry', 'bun'] as const).map(
    (packageManager): [string, string] => [
      `init, ${packageManager}`,
      workflowText({ ...facts, packageManager }),
    ],
  );
  return [...own, ...written];
}

function jobsOf(text: string): Readonly<Record<string, Job>> {
  const document = parseDocument(text, { uniqueKeys: true });
  expect(document.errors).toEqual([]);
  expect(document.warnings).toEqual([]);
  return (document.toJS() as { jobs: Readonly<Record<string, Job>> }).jobs;
}

/** Systems a job runs on, by their family. */
function familiesOf(job: Job | undefined): string[] {
  if (job === undefined) return [];
  const { 'runs-on': runsOn, strategy } = job;
  const { os, include = [] } = strategy?.matrix ?? {};
  const labels = runsOn.includes('matrix.os')
    ? [...((os ?? []) as string[]), ...include.map((row) => String(row['os']))]
    : [runsOn];
  return [...new Set(labels.map((label) => label.split('-')[0] ?? ''))].sort();
}

describe.each(await workflows())('the workflow %s', (_name, text) => {
  const jobs = jobsOf(text);

  test('refers only to jobs, steps and columns of the matrix that exist', () => {
    for (const [name, job] of Object.entries(jobs)) {
      for (const needed of job.needs ?? []) expect(Object.keys(jobs)).toContain(needed);
      const { include = [], ...columns } = job.strategy?.matrix ?? {};
      const known = new Set([...Object.keys(columns), ...include.flatMap((row) => Object.keys(row))]);
      const written = JSON.stringify({ ...job, strategy: null });
      for (const [, column = ''] of written.matchAll(/\bmatrix\.(\w+)/g)) expect(known).toContain(column);
      const ids = job.steps.map(({ id }) => id);
      for (const [, id = ''] of written.matchAll(/\bsteps\.(\w+)\./g)) expect(ids).toContain(id);
      // A row that names some columns only would leave the others empty.
      for (const row of include.filter(() => Object.keys(columns).length === 0))
        expect(new Set(Object.keys(row)), name).toEqual(known);
    }
  });

  test("follows GitHub's schema", async () => {
    expect(await workflowProblems(text)).toEqual([]);
  });

  test('every step either runs a command or uses a versioned action', () => {
    for (const { steps } of Object.values(jobs)) {
      for (const { run, uses } of steps) {
        expect([run, uses].filter((one) => one !== undefined)).toHaveLength(1);
        if (uses !== undefined) expect(uses).toMatch(/^[\w-]+\/[\w-]+@v\d+$/);
      }
    }
  });

  test('the commands of this package that it runs exist, with their options', () => {
    const { commands } = createProgram(silentIo, () => undefined);
    const runs = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));
    let found = 0;
    for (const [, name = '', rest = ''] of runs
      .join('\n')
      .matchAll(/electron-pyinstaller (\w+)((?: --[\w-]+)*)/g)) {
      const command = commands.find((one) => one.name() === name);
      expect(command, name).toBeDefined();
      for (const option of rest.trim().split(' ').filter(Boolean))
        expect(command?.options.map(({ long }) => long)).toContain(option);
      found += 1;
    }
    expect(found).toBeGreaterThan(1);
  });

  test('caches frozen bundles under the key that the command line prints', () => {
    const cached = Object.values(jobs).flatMap(({ steps }) =>
      steps.filter(({ uses }) => uses?.startsWith('actions/cache@') === true),
    );
    const keys = cached.map((step) => String(step.with?.['key']));
    expect(keys).toContain('${{ steps.backends.outputs.key }}');
  });
});

test('the repository runs fast tests, slow tests and the example app on the three systems', async () => {
  const jobs = jobsOf(await readFile(path.join(repositoryDir, '.github/workflows/test.yml'), 'utf8'));
  for (const name of ['unit', 'e2e', 'example'])
    expect(familiesOf(jobs[name]), name).toEqual(['macos', 'ubuntu', 'windows']);
  expect([...(jobs['done']?.needs ?? [])].sort()).toEqual(
    Object.keys(jobs)
      .filter((name) => name !== 'done')
      .sort(),
  );
  const manifests = await Promise.all(
    ['package.json', 'example-app/package.json'].map(
      async (file) => JSON.parse(await pageText(file)) as { scripts: Record<string, string> },
    ),
  );
  for (const { steps } of Object.values(jobs)) {
    for (const { run = '', 'working-directory': folder } of steps) {
      const script = /npm run ([\w:]+)/.exec(run)?.[1];
      if (script !== undefined)
        expect(manifests[folder === undefined ? 0 : 1]?.scripts).toHaveProperty([script]);
    }
  }
});

test('the workflow on the page about CI is the one that init writes', async () => {
  const { blocks } = readPage('docs/ci.md', await pageText('docs/ci.md'));
  const [first] = blocks.filter(({ language }) => language === 'yaml');
  expect(first?.text).toBe(workflowText(facts));
  expect(familiesOf(jobsOf(first?.text ?? '')['build'])).toEqual(['macos', 'ubuntu', 'windows']);
});
