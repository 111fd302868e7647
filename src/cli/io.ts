import process from 'node:process';
import { wantsColor } from '../runtime/dev/color.js';

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
  /** Let somebody choose one of several; the first is what Enter takes. null: nobody is there to answer. */
  readonly choose: ((question: string, choices: readonly string[]) => Promise<number>) | null;
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
    choose: stdin.isTTY && stdout.isTTY ? chooseOnTerminal : null,
  };
}

async function askOnTerminal(question: string): Promise<boolean> {
  const answer = (await questionOnTerminal(`${question} [Y/n] `)).toLowerCase();
  return answer === '' || answer === 'y' || answer === 'yes';
}

async function chooseOnTerminal(question: string, choices: readonly string[]): Promise<number> {
  const list = choices.map((choice, index) => `  ${index + 1}  ${choice}`).join('\n');
  for (;;) {
    const answer = await questionOnTerminal(`${question}\n${list}\n[1] `);
    const number = answer === '' ? 1 : Number(answer);
    if (Number.isInteger(number) && number >= 1 && number <= choices.length) return number - 1;
  }
}

async function questionOnTerminal(question: string): Promise<string> {
  const { createInterface } = await import('node:readline/promises');
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return (await terminal.question(question)).trim();
  } finally {
    terminal.close();
  }
}
