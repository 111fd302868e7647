import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { digestBundle } from '../../src/bundle/index.js';
import { temporaryFolder, writeFiles } from '../support/files.js';
import { build, makeWorld, type Built, type World } from './support/fake-world.js';
import { isWindows, patience } from '../support/windows.js';

const filesOf = ({ frozen }: Built): unknown => frozen.manifest.program;

interface Edit {
  readonly name: string;
  apply(world: World): Promise<unknown>;
}

const at = (world: World, name: string): string => path.join(world.projectDir, name);
const content = (name: string, text: string): Edit => ({
  name: `${name} = ${text}`,
  apply: (world) => writeFiles({ [name]: text }, world.projectDir),
});
const setting = (name: string, change: Readonly<Record<string, unknown>>): Edit => ({
  name,
  apply: (world) => Promise.resolve((world.config = { ...world.config, ...change })),
});

/** On Windows, links are for who may make them. */
const links: readonly Edit[] = [
  {
    name: 'a link to a file beside it',
    apply: async (world) => {
      await rm(at(world, 'assets/link'), { force: true });
      await symlink('deep/b.bin', at(world, 'assets/link'));
    },
  },
  {
    name: 'a link to elsewhere',
    apply: async (world) => {
      await rm(at(world, 'assets/link'), { force: true });
      await symlink('../more/c.txt', at(world, 'assets/link'));
    },
  },
];

/** Every one of them changes data only. */
const edits: readonly Edit[] = [
  content('assets/a.json', '{}'),
  content('assets/a.json', '{"other":1}'),
  content('assets/deep/b.bin', 'another'),
  content('assets/deep/new.txt', 'new'),
  content('assets/ünïcode name.txt', 'x'),
  content('backend/pkg/words.txt', 'one'),
  content('backend/pkg/words.txt', 'two'),
  content('backend/pkg/deep/added.txt', 'added'),
  content('more/c.txt', 'changed'),
  // Not collected by anything, but among the sources.
  content('backend/README.md', 'read me'),
  { name: 'a file goes', apply: (world) => rm(at(world, 'assets/deep/new.txt'), { force: true }) },
  {
    name: 'a package file goes',
    apply: (world) => rm(at(world, 'backend/pkg/deep'), { recursive: true, force: true }),
  },
  { name: 'executable', apply: (world) => chmod(at(world, 'assets/a.json'), 0o755) },
  { name: 'not executable', apply: (world) => chmod(at(world, 'assets/a.json'), 0o644) },
  ...(isWindows ? [] : links),
  {
    name: 'a file where a folder was',
    apply: async (world) => {
      await rm(at(world, 'assets/deep'), { recursive: true, force: true });
      await writeFile(at(world, 'assets/deep'), 'no folder');
    },
  },
  {
    name: 'the folder again',
    apply: async (world) => {
      await rm(at(world, 'assets/deep'), { recursive: true, force: true });
      await mkdir(at(world, 'assets/deep'), { recursive: true });
      await writeFile(at(world, 'assets/deep/b.bin'), 'b');
    },
  },
  setting('a line more', { data: ['assets', { from: 'more', to: 'more/inner' }] }),
  setting('a line less', { data: ['assets'] }),
  setting('no data', { data: [] }),
  setting('the same file under two names', { data: ['assets', 'more', { from: 'more/c.txt', to: 'twice' }] }),
];

test(
  'whatever is done to the data, one after the other: the bundle is that of a whole freeze, and PyInstaller does not run',
  { timeout: 240_000 * patience },
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.constantFrom('_internal', '.', 'inner'),
        fc.array(fc.uniqueArray(fc.constantFrom(...edits), { minLength: 1, maxLength: 3 }), {
          minLength: 1,
          maxLength: 4,
        }),
        async (asksPackage, contentsDirectory, rounds) => {
          const world = await makeWorld();
          world.config = {
            ...world.config,
            pyinstaller: { contentsDirectory },
            ...(asksPackage ? { collect: { data: ['pkg'] } } : {}),
          };
          expect((await build(world)).froze).toBe(true);
          for (const round of rounds) {
            for (const edit of round) {
              // A file may be in the way of a folder.
              await edit.apply(world).catch(() => undefined);
            }
            const laid = await build(world);
            const whole = await build(world, await temporaryFolder());
            expect(laid.froze).toBe(false);
            expect(whole.froze).toBe(true);
            expect(laid.frozen.key).toBe(whole.frozen.key);
            expect(filesOf(laid)).toEqual(filesOf(whole));
            // What is written down is what is there.
            const { program } = laid.frozen.manifest;
            if (program.type !== 'frozen') throw new Error('not frozen');
            const there = await digestBundle(laid.frozen.bundleDir, { executable: program.executable });
            expect({ ...program, files: Object.values(program.files)[0] }).toMatchObject({ files: there });
          }
        },
      ),
      { numRuns: isWindows ? 2 : 8, endOnFailure: true },
    );
  },
);
