import { appendFile, chmod, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { FreezeOptions } from '../../src/freeze/index.js';
import type { EngineEvent } from '../../src/report.js';
import { temporaryFolder, writeFiles } from '../support/files.js';
import { runFrozen } from './support/program.js';
import { freeze, makeBackend } from './support/project.js';

/** Prints all data beside it and in its package. */
const tool = `
import json, pathlib
import pkg
found = {}
greeting = pathlib.Path(__file__).parent / "greeting.txt"
if greeting.exists():
    found["greeting"] = greeting.read_text()
for root in (pathlib.Path(__file__).parent / "assets", pathlib.Path(pkg.__file__).parent):
    for file in root.rglob("*"):
        if file.is_file() and not file.name.endswith(".py"):
            found[str(file.relative_to(root))] = file.read_text()
print(json.dumps(found, sort_keys=True))
`;

const base = {
  kind: 'job',
  entry: 'backend/tool.py',
  source: 'backend',
  data: [{ from: 'assets', to: 'assets' }, 'backend/greeting.txt'],
  collect: { data: ['pkg'] },
};

const stages = (events: readonly EngineEvent[]): string[] =>
  events.flatMap((event) => (event.type === 'stage' ? [event.stage] : []));

test('data edited, added and removed is in the program without a freeze, byte for byte as a freeze would do it', async () => {
  const folder = (
    await makeBackend(
      {
        'backend/tool.py': tool,
        'backend/pkg/__init__.py': '',
        'backend/pkg/words.txt': 'one',
        'backend/greeting.txt': 'hello',
        'assets/a.json': '{}',
        'assets/deep/b.txt': 'b',
      },
      base,
    )
  ).projectDir;
  const cacheDir = await temporaryFolder();
  const at = (name: string): string => path.join(folder, name);
  if (process.platform !== 'win32') {
    await symlink('deep/b.txt', at('assets/link.txt'));
    await chmod(at('assets/a.json'), 0o755);
  }
  const build = async (config: object = base, options: Partial<FreezeOptions> = {}) => {
    const started = performance.now();
    const backend = await makeBackend({}, { ...config }, folder);
    const { frozen, events } = await freeze(backend, { cacheDir, ...options });
    const seen = stages(events);
    const tookMs = performance.now() - started;
    return {
      frozen,
      froze: seen.includes('analyze'),
      tookMs,
      found: JSON.parse(await runFrozen(frozen)) as unknown,
    };
  };

  const first = await build();
  expect(first).toMatchObject({
    froze: true,
    found: { 'a.json': '{}', 'words.txt': 'one', greeting: 'hello' },
  });
  expect(first.frozen.warnings).toEqual([]);

  await appendFile(at('assets/a.json'), ' ');
  await writeFile(at('backend/pkg/words.txt'), 'two');
  const edited = await build();
  expect(edited).toMatchObject({ froze: false, found: { 'a.json': '{} ', 'words.txt': 'two' } });
  // With the checks, and the program's own run.
  expect(edited.tookMs).toBeLessThan(first.tookMs / 2);

  await writeFiles(
    { 'assets/new.txt': 'new', 'backend/pkg/deep/more.txt': 'more', 'other/c.txt': 'c' },
    folder,
  );
  await rm(at('assets/a.json'));
  const config = { ...base, data: [base.data[0], { from: 'other/c.txt', to: 'assets/other' }] };
  const changed = await build(config);
  expect(changed.froze).toBe(false);
  const found = { 'new.txt': 'new', 'words.txt': 'two', 'deep/b.txt': 'b' };
  expect(changed.found).toMatchObject({ ...found, 'other/c.txt': 'c' });
  expect(changed.found).not.toHaveProperty(['a.json']);
  // The code names it, and it is not collected any more.
  expect(changed.frozen.warnings).toEqual([expect.stringContaining('greeting.txt')]);

  // PyInstaller does the same, once through our way and once all by itself.
  const forced = await build(config, { force: true });
  expect(forced.froze).toBe(true);
  expect(forced.frozen.key).toBe(changed.frozen.key);
  expect(forced.frozen.manifest).toEqual(changed.frozen.manifest);
  expect(forced.frozen.warnings).toEqual(changed.frozen.warnings);
  await writeFiles({ 'hooks/README.md': '' }, folder);
  const alone = await build({ ...config, pyinstaller: { hooks: ['hooks'] } });
  expect(alone.frozen.manifest.program).toEqual(changed.frozen.manifest.program);
});
