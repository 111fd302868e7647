import type { BackendEvents } from '../events.js';
import type { DevelopmentProgram } from '../manifest.js';
import { node } from '../node.js';

/** What is used of a backend to ask for its API. */
export interface AskedBackend {
  fetch(path: string): Promise<Response>;
  on(event: 'ready', listener: (payload: BackendEvents['ready']) => void): () => void;
}

/** Tells the developer a line. */
export type Remark = (severity: 'info' | 'warn', text: string) => void;

/**
 * In development the types of a backend's API follow it: whenever it is ready it is asked for its OpenAPI document, and a
 * program beside the app writes the types when it is another one. Call the result to end it.
 */
export function followApi({ api }: DevelopmentProgram, backend: AskedBackend, remark: Remark): () => void {
  if (api === undefined) return () => undefined;
  let last = '';
  const follow = async (): Promise<void> => {
    const response = await backend.fetch(api.openapi);
    const document = await response.text();
    if (!response.ok) throw new Error(`GET ${api.openapi} answered ${response.status}`);
    if (document === last) return;
    const said = await runWith(api.command, document);
    last = document;
    for (const line of said.split('\n')) if (line !== '') remark('info', line);
  };
  return backend.on('ready', () => {
    follow().catch((error: unknown) =>
      remark(
        'warn',
        `the types of the API do not follow: ${error instanceof Error ? error.message : String(error)}`,
      ),
    );
  });
}

/** Run a program with a text as its input. @returns what it printed */
function runWith([program = '', ...args]: readonly string[], input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = node.childProcess.spawn(program, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
    });
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (chunk: string) => (output[name] += chunk));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(output.stdout.trimEnd());
      else reject(new Error(output.stderr.trim() === '' ? `exit code ${code}` : output.stderr.trim()));
    });
    // It may end without having read everything.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
