/** A kind of frozen program. */
export type FrozenMode = 'onedir' | 'onefile';

/** A fault that is injected into real frozen programs. */
export interface Fault {
  readonly number: number;
  readonly title: string;
  /** The kinds of program it can happen to; each has a row in docs/reliability-*.md. */
  readonly modes: readonly FrozenMode[];
}

const both = ['onedir', 'onefile'] as const;
/** Only these have a bootloader of their own and unpack themselves. */
const onefile = ['onefile'] as const;

/** Every fault the suite in this folder injects. */
export const faults = [
  { number: 1, title: 'the backend is killed', modes: both },
  { number: 2, title: 'only the bootloader of a onefile program is killed', modes: onefile },
  { number: 3, title: "the app's main process is killed", modes: both },
  { number: 4, title: 'workers and escaped processes', modes: both },
  { number: 5, title: 'hang while starting', modes: both },
  { number: 6, title: 'hang while stopping', modes: both },
  { number: 7, title: 'crash loop', modes: both },
  { number: 8, title: 'exit codes that mean something', modes: both },
  { number: 9, title: 'port taken, impostor, wrong proof', modes: both },
  { number: 10, title: 'program, working directory or interpreter missing', modes: both },
  { number: 11, title: 'damaged program', modes: both },
  { number: 12, title: 'unusable temporary folder', modes: onefile },
  { number: 13, title: 'flood of output', modes: both },
  { number: 14, title: 'slow health answers', modes: both },
  { number: 15, title: 'busy interpreter', modes: both },
  { number: 16, title: "the computer's clock is set", modes: both },
  { number: 17, title: 'sleep and wake-up', modes: both },
  { number: 18, title: 'no descriptors, no processes left', modes: both },
  { number: 19, title: 'program being written', modes: both },
  { number: 20, title: 'ends of the main process', modes: both },
  { number: 22, title: 'second instance, recycled process number', modes: both },
  { number: 23, title: 'token leak', modes: both },
  { number: 24, title: 'foreign requests', modes: both },
  { number: 25, title: 'random commands', modes: both },
  { number: 26, title: 'soak', modes: both },
  { number: 27, title: 'time until readiness is known', modes: both },
  { number: 28, title: 'the log cannot be written', modes: both },
  { number: 29, title: 'processes that resist, and an app that is killed', modes: both },
  { number: 30, title: 'processes that may not be ended', modes: both },
  { number: 31, title: 'what the backend opened for the user', modes: both },
  { number: 32, title: 'the records of another container', modes: both },
] as const satisfies readonly Fault[];

export type FaultNumber = (typeof faults)[number]['number'];
