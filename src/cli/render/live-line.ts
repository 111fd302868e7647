import { formatDuration } from '../../lib/text.js';
import type { EngineEvent } from '../../report.js';
import type { Io } from '../io.js';

const clearLine = '\r\u001B[2K';
const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

interface Running {
  event: EngineEvent & { type: 'stage' };
  seenAt: number;
  detail: string;
}

/** One line at the bottom of a terminal that is redrawn while work goes on. */
export class LiveLine {
  readonly #io: Io;
  readonly #running = new Map<string, Running>();
  readonly #timer: NodeJS.Timeout;
  #frame = 0;

  constructor(io: Io) {
    this.#io = io;
    this.#timer = setInterval(() => this.#draw(), 120).unref();
  }

  /** A backend began a stage. */
  update(backend: string, event: EngineEvent & { type: 'stage' }): void {
    this.#running.set(backend, { event, seenAt: Date.now(), detail: '' });
    this.#draw();
  }

  /** What the running stage is doing in detail. */
  detail(backend: string, text: string): void {
    const running = this.#running.get(backend);
    if (running !== undefined) running.detail = text;
  }

  /** A backend is done. */
  remove(backend: string): void {
    this.#running.delete(backend);
  }

  /** Print a line that stays, above the live one. */
  printAbove(line: string): void {
    this.#io.error(`${clearLine}${line}\n`);
    this.#draw();
  }

  /** Remove the line. */
  close(): void {
    clearInterval(this.#timer);
    this.#io.error(clearLine);
  }

  #draw(): void {
    if (this.#running.size === 0) return;
    this.#frame = (this.#frame + 1) % frames.length;
    const parts = [...this.#running].map(([backend, running]) => describe(backend, running, Date.now()));
    const line = `${frames[this.#frame] ?? ''} ${parts.join(' · ')}`;
    this.#io.error(`${clearLine}${fit(line, this.#io.width)}`);
  }
}

function describe(backend: string, { event, seenAt, detail }: Running, now: number): string {
  const elapsedMs = event.elapsedMs + (now - seenAt);
  const remainingMs = event.estimateMs === undefined ? 0 : event.estimateMs - elapsedMs;
  const time =
    remainingMs > 1000
      ? `${formatDuration(elapsedMs)}, about ${formatDuration(remainingMs)} left`
      : formatDuration(elapsedMs);
  const text = `${backend}: ${event.title} (${time})`;
  return detail === '' ? text : `${text} ${detail.split('\n', 1)[0] ?? ''}`;
}

/** Cut to the terminal's width: a longer line would wrap and could not be removed again. */
export function fit(line: string, width: number): string {
  const letters = Array.from(line);
  return letters.length < width ? line : `${letters.slice(0, Math.max(1, width - 2)).join('')}…`;
}
