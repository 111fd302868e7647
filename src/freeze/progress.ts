import type { EngineEvent, Report } from '../report.js';

/** Silence after which a heartbeat says that work goes on. */
const heartbeatMs = 5_000;

/** Reports the steps of one backend's freeze, with times and, in silent stretches, a heartbeat. */
export class Progress {
  readonly #report: Report | undefined;
  readonly #backend: string;
  readonly #startedAt = performance.now();
  #estimateMs: number | undefined;
  #stage = '';
  /** Before the first step another backend may be at what both need. */
  #title = 'Getting ready';
  #activity: string | null = null;
  #lastSignAt = performance.now();
  #timer: NodeJS.Timeout | undefined;

  constructor(backend: string, report: Report | undefined) {
    this.#backend = backend;
    this.#report = report;
  }

  /** Milliseconds since the freeze began. */
  get elapsedMs(): number {
    return Math.round(performance.now() - this.#startedAt);
  }

  /** What the last run took: shown with every stage from now on. */
  set estimateMs(value: number | undefined) {
    this.#estimateMs = value;
  }

  /** A new step. The same step and title twice is one. */
  stage(stage: string, title: string): void {
    if (stage === this.#stage && title === this.#title) return;
    this.#stage = stage;
    this.#title = title;
    this.#activity = null;
    this.#send({
      type: 'stage',
      backend: this.#backend,
      stage,
      title,
      elapsedMs: this.elapsedMs,
      ...(this.#estimateMs === undefined ? {} : { estimateMs: this.#estimateMs }),
    });
  }

  /** What the running step is busy with; only shown by heartbeats. */
  activity(text: string): void {
    this.#activity = text;
  }

  detail(text: string): void {
    this.#send({ type: 'detail', backend: this.#backend, text, elapsedMs: this.elapsedMs });
  }

  warning(message: string): void {
    this.#send({ type: 'warning', backend: this.#backend, message });
  }

  /** Forward an event of another part of the engine with this freeze's clock. */
  forward(event: EngineEvent): void {
    if (event.type === 'stage') this.stage(event.stage, event.title);
    else if (event.type === 'detail') this.detail(event.text);
    else this.#send(event);
  }

  done(facts: {
    readonly cached: boolean;
    readonly sizeBytes: number;
    readonly fileCount: number;
    readonly summary: string;
  }): void {
    this.#send({ type: 'done', backend: this.#backend, elapsedMs: this.elapsedMs, ...facts });
  }

  /** Start heartbeats; the returned function ends them. */
  beat(): () => void {
    this.#timer = setInterval(() => {
      const silentMs = performance.now() - this.#lastSignAt;
      if (silentMs < heartbeatMs) return;
      const about = this.#activity === null ? '' : ` (${this.#activity})`;
      this.detail(`still ${lowerFirst(this.#title)}${about}, ${Math.round(this.elapsedMs / 1000)} s`);
    }, heartbeatMs);
    this.#timer.unref();
    return () => clearInterval(this.#timer);
  }

  #send(event: EngineEvent): void {
    this.#lastSignAt = performance.now();
    this.#report?.(event);
  }
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
