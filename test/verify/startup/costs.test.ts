import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { costsOf, type ImportNotes, type Startup } from '../../../src/verify/startup/costs.js';
import { formatStartup } from '../../../src/verify/startup/text.js';
import { python3 } from '../../python/real-pythons.js';
import { writeFiles } from '../../support/files.js';
import { repositoryDir } from '../../support/paths.js';
import { distributions, startup } from './sample-startup.js';

test('the time of a start is told by phase, by whose modules they are, and by what the project imports', () => {
  expect(costsOf(startup, distributions)).toEqual({
    totalMs: 600,
    phases: [
      { title: 'until Python runs', ms: 100 },
      { title: 'imports', ms: 450 },
      { title: 'start of the application', ms: 50 },
    ],
    owners: [
      { owner: 'fastapi', ms: 250, modules: 1 },
      { owner: 'pillow', ms: 110, modules: 2 },
      { owner: 'Python', ms: 50, modules: 1 },
      { owner: 'electron-pyinstaller', ms: 20, modules: 1 },
      { owner: 'the project', ms: 20, modules: 2 },
    ],
    imports: [
      { importer: 'main', imported: 'fastapi', ms: 300 },
      { importer: 'services.images', imported: 'PIL', ms: 110 },
    ],
  });
});

test('as text: shares of the whole, and what would be worth importing later', () => {
  const text = formatStartup('engine', costsOf(startup, distributions));
  expect(text).toContain('engine  ready after 600 ms\n');
  expect(text).toContain('    250 ms   42 %  fastapi  1 module\n');
  expect(text).toContain('  services.images imports PIL: 110 ms with all that comes with it\n');
  const cheap: Startup = {
    ...startup,
    imports: [
      ['main', -1, 430],
      ['fastapi', 0, 3],
    ],
  };
  expect(formatStartup('engine', costsOf(cheap, distributions))).not.toContain('main imports');
});

test('the companion notes what imports what until it is told to be ready, and a second time nothing', async () => {
  const folder = await writeFiles({
    'outer.py': 'import inner\n',
    'inner.py': 'import time\ntime.sleep(0.05)\n',
    'late.py': '',
    'run.py': `import os, sys
sys.path.insert(0, sys.argv[1])
from electron_pyinstaller import _startup
_startup.watch()
assert _startup.FILE not in os.environ
import outer
_startup.tell()
import late
`,
  });
  const file = path.join(folder, 'startup.json');
  execFileSync(python3(), [path.join(folder, 'run.py'), path.join(repositoryDir, 'companion')], {
    env: { ...process.env, ELECTRON_PYINSTALLER_STARTUP: file },
  });
  const { imports, readyMs } = JSON.parse(await readFile(file, 'utf8')) as ImportNotes;
  const outer = imports.findIndex(([module]) => module === 'outer');
  const inner = imports.find(([module]) => module === 'inner');
  expect(inner?.[1]).toBe(outer);
  expect(inner?.[2]).toBeGreaterThan(45);
  expect(readyMs).toBeGreaterThan(inner?.[2] ?? Infinity);
  expect(imports.map(([module]) => module)).not.toContain('late');
});
