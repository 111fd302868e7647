import type { ResolvedBackend, ResolvedConfig } from '../../config/resolved.js';
import type { FrozenBackend } from '../../bundle/frozen.js';
import { interruptible } from '../../hosts/shared/interrupt.js';
import type { Io } from '../io.js';
import { showEvents } from '../render/events.js';
import { createTheme } from '../render/theme.js';

/** Freeze backends with progress on standard error; Ctrl-C cancels cleanly. */
export async function freezeWithProgress(
  config: ResolvedConfig,
  backends: readonly ResolvedBackend[],
  io: Io,
  options: { readonly force?: boolean } = {},
): Promise<FrozenBackend[]> {
  const { freezeAll } = await import('../../freeze/freeze-all.js');
  const freeze: typeof freezeAll = backends.every(({ client }) => client === null)
    ? freezeAll
    : (await import('../../hosts/client/after-freeze.js')).typing(freezeAll);
  const view = showEvents(io);
  try {
    return await interruptible((signal) =>
      freeze(backends, {
        cacheDir: config.cacheDir,
        verify: async (...what) => await (await import('../../verify/index.js')).verifyBundle(...what),
        report: view.report,
        signal,
        ...options,
      }),
    );
  } finally {
    view.close();
  }
}

/** What the configuration itself should be warned about. */
export function showConfigWarnings(config: ResolvedConfig, io: Io): void {
  const theme = createTheme(io.color);
  for (const warning of config.warnings) io.error(`${theme.careful('!')} ${warning}\n`);
}

/** One JSON document on standard output. */
export function printJson(io: Io, value: unknown): void {
  io.out(`${JSON.stringify(value, null, 2)}\n`);
}
