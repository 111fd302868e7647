import path from 'node:path';
import { mkdir } from 'node:fs/promises';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { resolveConfig } from '../../../src/config/index.js';
import { installCommand } from '../../../src/python/environment/install-commands.js';
import { readRequirementInputs } from '../../../src/python/requirements/requirement-inputs.js';
import { planRequirements } from '../../../src/python/requirements/requirement-plan.js';
import { hostTarget } from '../../../src/target.js';
import { writeFiles } from '../../support/files.js';
import { python3 } from '../real-pythons.js';
import { uvFolder } from '../tools.js';

const poetry =
  '[tool.poetry]\npackage-mode = false\n[tool.poetry.dependencies]\npython = "^3.9"\nsix = "^1.15"\nidna = { version = "*", python = "<3" }\n';

/** Files, the value of `requirements`, and what pip would install. */
const projects: readonly (readonly [string, Readonly<Record<string, string>>, string, readonly string[]])[] =
  [
    ["Poetry's tables without a lock", { 'pyproject.toml': poetry }, 'pyproject.toml', ['six-1.17.0']],
    [
      'a lock of Poetry 1',
      {
        'pyproject.toml': poetry,
        'poetry.lock':
          '[[package]]\nname = "six"\nversion = "1.16.0"\noptional = false\nfiles = []\n[[package]]\nname = "pytest"\nversion = "8.0.0"\noptional = false\nfiles = []\n[metadata]\nlock-version = "2.0"\n',
      },
      'poetry.lock',
      ['six-1.16.0'],
    ],
    [
      'a Pipfile.lock with its hash',
      {
        'Pipfile.lock':
          '{"_meta":{"sources":[]},"default":{"six":{"hashes":["sha256:4721f391ed90541fddacab5acf947aa0d3dc7d27b2e1e8eda2be8970586c3274"],"version":"==1.17.0"}},"develop":{}}',
      },
      'Pipfile.lock',
      ['six-1.17.0'],
    ],
    ['a Pipfile', { Pipfile: '[packages]\nsix = "==1.16.0"\n' }, 'Pipfile', ['six-1.16.0']],
    [
      'the pip part of a conda environment, with what it includes',
      {
        'environment.yml': 'dependencies: [numpy, pip, { pip: ["-r more/list.txt", six==1.16.0] }]\n',
        'more/list.txt': 'idna==3.7\n',
      },
      'environment.yml',
      ['idna-3.7', 'six-1.16.0'],
    ],
  ];

const cases = projects.flatMap((row) => (['pip', 'uv'] as const).map((kind) => [kind, ...row] as const));

test.each(cases)('%s itself takes %s', async (kind, _title, files, requirements, expected) => {
  const installer =
    kind === 'pip' ? ({ kind } as const) : { kind, program: path.join(await uvFolder(), 'uv') };
  const interpreter = python3();
  const folder = await writeFiles({ 'main.py': '', ...files });
  const config = { backends: { engine: { entry: 'main.py', requirements } } };
  const loaded = { projectDir: folder, config, configFile: 'x', file: null, prefix: [] };
  const [backend] = resolveConfig(loaded, { target: hostTarget() }).backends;
  if (backend === undefined) throw new Error('no backend');
  const temporaryDir = path.join(folder, 'tmp');
  await mkdir(temporaryDir);
  const context = {
    backend: 'engine',
    base: 'python3',
    cwd: folder,
    env: process.env,
    temporaryDir,
    logFile: '',
    onLine: () => undefined,
  };
  const inputs = await readRequirementInputs(backend.requirements, folder, false);
  const steps = await planRequirements({
    backend,
    installer,
    inputs,
    withProject: false,
    interpreter,
    cacheDir: '',
    context,
  });
  for (const { request, cwd } of steps) {
    const anew = kind === 'pip' ? ['--ignore-installed'] : ['--target', temporaryDir];
    const python = { ...backend.python, pipArgs: ['--dry-run', ...anew] };
    const [program, ...args] = installCommand(installer, interpreter, python, request);
    const { all } = await execa(program, args, { cwd, all: true });
    const would =
      kind === 'pip'
        ? (/Would install (.*)/.exec(all)?.[1]?.split(' ') ?? [])
        : [...all.matchAll(/^ \+ (\S+)==(\S+)$/gm)].map(([, name, version]) => `${name}-${version}`);
    // The newest of a range may be another by tomorrow.
    expect(would.sort().map((name) => name.replace(/^six-1\.1[7-9].*$/, 'six-1.17.0'))).toEqual(expected);
  }
});
