import { chmod, lstat, mkdir, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { restoreExecutePermission } from '../../../src/runtime/launch/execute-permission.js';
import { locateProgram } from '../../../src/runtime/launch/launch-plan.js';
import type { BackendManifest, FrozenProgram } from '../../../src/runtime/manifest.js';
import { fakeFile } from '../../hosts/shared/fakes.js';
import { writeFiles } from '../../support/files.js';
import { fixtureBackend } from '../support.js';
import { noModes, notOnWindows } from '../../support/windows.js';

const program: FrozenProgram = {
  type: 'frozen',
  mode: 'onedir',
  platform: 'linux',
  directories: { [process.arch]: 'engine' },
  executable: 'engine',
  files: {
    [process.arch]: [
      fakeFile('engine', { executable: true }),
      fakeFile('_internal/bin/helfer ü', { executable: true }),
      fakeFile('_internal/app.json'),
      fakeFile('_internal/not there', { executable: true }),
    ],
  },
};
const backend: BackendManifest = { ...fixtureBackend(), program };

async function withoutPermission(mode = 0o644): Promise<string> {
  const resources = await writeFiles({
    'engine/engine': '',
    'engine/_internal/bin/helfer ü': '',
    'engine/_internal/app.json': '{}',
  });
  for (const name of ['engine', '_internal/bin/helfer ü', '_internal/app.json'])
    await chmod(path.join(resources, 'engine', name), mode);
  return resources;
}

const modeOf = async (...parts: string[]): Promise<number> =>
  (await lstat(path.join(...parts))).mode & 0o7777;

describe('a program that lost its execute permission', notOnWindows(noModes), () => {
  test.each([
    [0o644, 0o755],
    [0o600, 0o700],
    [0o440, 0o550],
  ])('gets it back, for those who may read it: %o becomes %o', async (before, after) => {
    const resources = await withoutPermission(before);
    const remarks: string[] = [];
    const { file } = locateProgram(backend, resources, (text) => remarks.push(text));
    expect(await modeOf(file)).toBe(after);
    expect(await modeOf(resources, 'engine/_internal/bin/helfer ü')).toBe(after);
    expect(await modeOf(resources, 'engine/_internal/app.json')).toBe(before);
    expect(remarks).toEqual([`${file} had lost its execute permission; it was given back (2 files)`]);
    await chmod(file, before);
    locateProgram(backend, resources, (text) => remarks.push(text));
    expect(remarks.splice(1)).toEqual([
      `${file} had lost its execute permission; it was given back (1 file)`,
    ]);
    // The second start has nothing to say.
    locateProgram(backend, resources, (text) => remarks.push(text));
    expect(remarks).toHaveLength(1);
  });

  test('a folder in its place, or a link to one of the files, is not touched', async () => {
    const resources = await withoutPermission();
    const executable = path.join(resources, 'engine/engine');
    await rm(executable);
    await symlink('_internal/app.json', executable);
    expect(() => locateProgram(backend, resources)).toThrow(/is not executable: .*engine[^]*chmod \+x/);
    expect(await modeOf(resources, 'engine/_internal/app.json')).toBe(0o644);
    await rm(executable);
    await mkdir(executable, { mode: 0o600 });
    expect(() => locateProgram(backend, resources)).toThrow(/is not a file/);
  });

  test('an interpreter of somebody else is never changed', async () => {
    const resources = await withoutPermission();
    const interpreter = path.join(resources, 'engine/engine');
    const development: BackendManifest = {
      ...backend,
      program: { type: 'development', interpreter, args: [], cwd: resources, env: {}, watch: [] },
    };
    expect(() => locateProgram(development, resources)).toThrow(/the Python interpreter is not executable/);
    expect(await modeOf(interpreter)).toBe(0o644);
  });

  test('a program that may be executed is left alone, with all that is beside it', async () => {
    const resources = await withoutPermission();
    await chmod(path.join(resources, 'engine/engine'), 0o700);
    locateProgram(backend, resources);
    expect(await modeOf(resources, 'engine/_internal/bin/helfer ü')).toBe(0o644);
    expect(restoreExecutePermission(program, path.join(resources, 'engine'), process.arch)).toEqual([
      '_internal/bin/helfer ü',
    ]);
  });
});
