import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/files.js';
import { freeze, makeBackend } from '../freeze/support/project.js';

test('a job nobody gave arguments for is started with --help: it never works, and what keeps it from starting fails the build', async () => {
  const mark = path.join(await temporaryFolder(), 'worked');
  const files = {
    'backend/main.py': `import argparse, os

def main():
    if "BROKEN" in os.environ:
        import nothing_of_this_name
    parser = argparse.ArgumentParser()
    parser.add_argument("--out")
    parser.parse_args()
    open(${JSON.stringify(mark)}, "w").close()

if __name__ == "__main__":
    main()
`,
  };
  const config = { kind: 'job', entry: 'backend/main.py' };
  const backend = await makeBackend(files, config);
  const { frozen, events } = await freeze(backend);
  expect(events).toContainEqual(
    expect.objectContaining({ type: 'stage', title: 'Starting the frozen program with --help' }),
  );
  expect(frozen.warnings).toEqual([]);
  expect(existsSync(mark)).toBe(false);

  // The same bundle under other circumstances: a changed environment is checked again, and not frozen again.
  const broken = await makeBackend({}, { ...config, run: { env: { BROKEN: '1' } } }, backend.projectDir);
  await expect(freeze(broken)).rejects.toMatchObject({
    code: 'ERR_VERIFY',
    message: expect.stringContaining('nothing_of_this_name') as string,
  });
}, 300_000);
