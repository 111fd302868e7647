import process from 'node:process';

/** The world as the command line sees it; tests pass their own. */
export interface Io {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** True: standard error is a terminal on which one line may be redrawn. */
  readonly live: boolean;
  /** True: colours may be used. */
  readonly color: boolean;
  /** Columns of the terminal. */
  readonly width: number;
  /** Ask a yes-no question; null: nobody is there to answer. */
  readonly ask: ((question: string) => Promise<boolean>) | null;
}

/** The real streams of this process. */
export function processIo(): Io {
  const { stdout, stderr, stdin, env } = process;
  const isPlain = env['TERM'] === 'dumb' || env['CI'] !== undefined;
  return {
    out: (text) => stdout.write(text),
    error: (text) => stderr.write(text),
    env,
    cwd: process.cwd(),
    live: stderr.isTTY && !isPlain,
    color: wantsColor(env, stdout.isTTY),
    width: stderr.columns ?? 80,
    ask: stdin.isTTY && stdout.isTTY ? askOnTerminal : null,
  };
}

/** Colours as https://no-color.org asks for them; `FORCE_COLOR` overrides. */
export function wantsColor(env: NodeJS.ProcessEnv, isTerminal: boolean): boolean {
  const set = (name: string) => env[name] !== undefined && env[name] !== '';
  if (set('NO_COLOR')) return false;
  if (set('FORCE_COLOR')) return env['FORCE_COLOR'] !== '0';
  return isTerminal && env['TERM'] !== 'dumb';
}

async function askOnTerminal(question: string): Promise<boolean> {
  const { createInterface } = await import('node:readline/promises');
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = (await terminal.question(`${question} [Y/n] `)).trim().toLowerCase();
    return answer === '' || answer === 'y' || answer === 'yes';
  } finally {
    terminal.close();
  }
}
