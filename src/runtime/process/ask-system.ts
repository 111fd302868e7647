import { node } from '../node.js';

/** What one of the system's tools answered. */
export interface SystemAnswer {
  /** It could not be started, was too slow, or failed. */
  readonly error: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

/** Run one of the system's tools. Never rejects: a policy may forbid it, which Node throws. */
export function askSystem(
  tool: string,
  options: readonly string[],
  timeoutMs: number,
  env?: Readonly<Record<string, string>>,
): Promise<SystemAnswer> {
  return new Promise<SystemAnswer>((resolve) => {
    node.childProcess.execFile(
      tool,
      options,
      { env, windowsHide: true, timeout: timeoutMs, maxBuffer: 32 * 1024 * 1024 },
      (error, stdout, stderr) => resolve({ error, stdout, stderr }),
    );
  }).catch((error: unknown) => ({ error, stdout: '', stderr: '' }));
}
