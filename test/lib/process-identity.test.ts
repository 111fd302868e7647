import { expect, test, vi } from 'vitest';
import { thisProcess } from '../../src/lib/process-identity.js';

test.each(['win32', 'darwin'] as const)('nothing is asked of /proc on %s', (platform) => {
  vi.spyOn(process, 'platform', 'get').mockReturnValue(platform);
  expect(thisProcess()).toMatchObject({ pid: process.pid, pidNamespace: null, startTime: null });
  vi.restoreAllMocks();
});
