import { chown } from 'node:fs/promises';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { readRecords } from '../../../src/runtime/process/process-record.js';
import { writeFiles } from '../../support/files.js';
import { leftOutIf } from '../../support/windows.js';

const record = {
  v: 1,
  name: 'engine',
  app: { pid: 4242, started: null, executable: null },
  processes: [{ pid: 4243, started: null, executable: null }],
  instance: '0123456789abcdef',
  meipass: null,
  boot: null,
  at: 1,
};

test(
  'a record that another user wrote decides nothing',
  leftOutIf(process.getuid?.() !== 0, 'only root can give a file away'),
  async () => {
    const name = `engine-${record.instance}.json`;
    const folder = await writeFiles({ [name]: JSON.stringify(record) });
    expect(await readRecords(folder, 'engine')).toHaveLength(1);
    await chown(path.join(folder, name), 12_345, 12_345);
    expect(await readRecords(folder, 'engine')).toEqual([]);
  },
);

test('Windows: no /proc is read, which would be a folder on the current drive that anybody may write', async () => {
  vi.resetModules();
  vi.doMock('../../../src/runtime/is-windows.js', () => ({ isWindows: true }));
  onTestFinished(() => {
    vi.doUnmock('../../../src/runtime/is-windows.js');
    vi.resetModules();
  });
  const { bootId, pidNamespace } = await import('../../../src/runtime/process/process-record.js');
  expect([bootId(), pidNamespace()]).toEqual([null, null]);
});
