/** Every token the runtime hands out in a test is written down, so that they can be searched for. */
import { vi } from 'vitest';
import type * as Handshake from '../../src/runtime/talk/handshake.js';
import { recordToken } from '../security/ledger.js';

vi.mock('../../src/runtime/talk/handshake.js', async (importOriginal) => {
  const original = await importOriginal<typeof Handshake>();
  return {
    ...original,
    createCredentials: () => {
      const made = original.createCredentials();
      recordToken(made.token);
      return made;
    },
  };
});
