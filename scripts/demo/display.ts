/** A virtual screen for genuine Electron on a machine without one. */
import { once } from 'node:events';
import { execa } from 'execa';
import { DemoFailure } from './failure.ts';

/** A screen that is there; `close` ends it if it is ours. */
export interface Display {
  readonly env: Readonly<Record<string, string>>;
  close(): void;
}

/** The machine's screen if it has one (or none is needed), else an Xvfb of our own. */
export async function openDisplay(isNeeded: boolean): Promise<Display> {
  const has = process.env['DISPLAY'] !== undefined || process.env['WAYLAND_DISPLAY'] !== undefined;
  if (!isNeeded || has) return { env: {}, close: () => {} };
  // -displayfd: the server chooses a free number and says which.
  const server = execa('Xvfb', ['-displayfd', '1', '-screen', '0', '1280x900x24', '-nolisten', 'tcp'], {
    reject: false,
    stderr: 'ignore',
    buffer: false,
  });
  try {
    const [chunk] = (await once(server.stdout, 'data', { signal: AbortSignal.timeout(10_000) })) as [Buffer];
    return { env: { DISPLAY: `:${chunk.toString().trim()}` }, close: () => void server.kill() };
  } catch {
    server.kill();
    throw new DemoFailure('Xvfb did not open a screen within 10 s; genuine Electron needs one.');
  }
}
