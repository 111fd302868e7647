import { expect, test } from 'vitest';
import { unpackedBy } from '../../../src/runtime/process/unpacked-folder.js';
import { temporaryFolder } from '../../support/files.js';
import { signal, testSettings, until } from '../support.js';
import { frozenProgram } from './programs.js';
import { faulty, next, report, unpackedFolders } from './support.js';

const onefile = await frozenProgram('onefile');

test.each(['stop()', 'kill -9'] as const)('2: %s while it unpacks leaves nothing', async (how) => {
  const temporary = await temporaryFolder();
  const restart = { ...testSettings.restart, delayMs: 20 };
  const backend = await faulty(onefile, { TMPDIR: temporary }, { restart });
  const started = backend.start().catch((error: unknown) => error);
  // The folder is made first; Python has not said a word yet.
  await until(() => unpackedFolders(temporary).length > 0, 10_000, 'the folder to be there');
  const [first = ''] = unpackedFolders(temporary);
  if (how === 'stop()') {
    await backend.stop();
    await started;
  } else {
    const exit = next(backend, 'exit');
    const ready = next(backend, 'ready');
    signal(unpackedBy(first), 'SIGKILL');
    expect(await exit).toMatchObject({ expected: false });
    await ready;
    expect(unpackedFolders(temporary)).not.toContain(first);
    await backend.stop();
  }
  expect(unpackedFolders(temporary)).toEqual([]);
  report({
    number: 2,
    fault: `${how} while the bootloader unpacks`,
    injected: 'as soon as its folder is there',
    expected: 'no unpacked folder is left',
    program: 'onefile',
    measured: 'none left',
  });
});
