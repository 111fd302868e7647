import { isatty } from 'node:tty';
import { formatDuration } from '../../lib/text.js';
import type { EngineEvent, Report } from '../../report.js';
import { sparseDetails } from '../shared/sparse-details.js';

/**
 * The part of a Listr task that is used here. Forge 7 and 8 bring different versions of listr2; everything is taken from
 * the task object they hand over, nothing is imported.
 */
export interface TaskLike {
  title: string;
  output: string;
  newListr(tasks: readonly TaskDefinition[], options?: object): unknown;
}

/** One task of a list. */
export interface TaskDefinition {
  readonly title: string;
  readonly task: (context: unknown, task: TaskLike) => unknown;
  readonly rendererOptions?: object;
}

/** Lists stay visible when they are done: what was frozen, and how long it took, is worth reading. */
export const listOptions = { concurrent: false, rendererOptions: { collapseSubtasks: false } };

/** Warnings stay below their task. */
export const keepOutput = { persistentOutput: true };

type Hook<Arguments extends unknown[], Result> = (
  task: TaskLike | null,
  ...rest: Arguments
) => Promise<Result>;

/**
 * Give a hook a title and access to its task. Forge passes the task as `this` to functions with `__hookName`; this is
 * what `namedHookWithTaskFn` of `@electron-forge/plugin-base` does, without a copy of that package at run time.
 */
export function hookWithTask<Arguments extends unknown[], Result>(
  title: string,
  hook: Hook<Arguments, Result>,
): (...rest: Arguments) => Promise<Result> {
  async function withTask(this: unknown, ...rest: Arguments): Promise<Result> {
    return await hook(isTask(this) ? this : null, ...rest);
  }
  return Object.assign(withTask, { __hookName: title });
}

function isTask(value: unknown): value is TaskLike {
  return typeof value === 'object' && value !== null && 'newListr' in value;
}

/** True when Forge draws live lines; otherwise every output becomes a line of its own and should be rare. */
export function isLive(
  stream: { readonly isTTY?: boolean } = { isTTY: isatty(1) },
  env: NodeJS.ProcessEnv = process.env,
): boolean {
  return stream.isTTY === true && env['CI'] === undefined && env['DEBUG'] === undefined;
}

/** Shows the engine's events on a task; call `close` when the work is over. */
export interface TaskReport {
  readonly report: Report;
  readonly close: () => void;
}

/**
 * Show progress on a task: a live line with the running stage, its detail and the time; without a terminal one line a
 * stage and every 15 s. The title becomes the summary at the end; warnings stay.
 */
export function reportOnTask(task: TaskLike, live: boolean): TaskReport {
  const warnings: string[] = [];
  let stage: (EngineEvent & { type: 'stage' }) | undefined;
  let detail = '';
  let stageSeenAt = 0;

  const draw = () => {
    if (stage === undefined) return;
    const elapsedMs = stage.elapsedMs + (Date.now() - stageSeenAt);
    const remaining = stage.estimateMs === undefined ? undefined : stage.estimateMs - elapsedMs;
    const time =
      remaining !== undefined && remaining > 1000
        ? `${formatDuration(elapsedMs)}, about ${formatDuration(remaining)} left`
        : formatDuration(elapsedMs);
    const text = `${stage.title} (${time})`;
    task.output = detail === '' ? text : `${text}\n${clip(detail)}`;
  };
  const timer = live ? setInterval(draw, 1000).unref() : undefined;

  const sparse = sparseDetails();
  const report: Report = (event) => {
    const due = sparse(event);
    switch (event.type) {
      case 'stage':
        stage = event;
        stageSeenAt = Date.now();
        detail = '';
        if (live) draw();
        else task.output = event.title;
        break;
      case 'detail':
        detail = event.text;
        if (live) draw();
        else if (due !== null) task.output = due;
        break;
      case 'warning':
        warnings.push(event.message);
        if (!live) task.output = `Warning: ${event.message}`;
        break;
      case 'done':
        task.title = event.summary;
        break;
    }
  };
  const close = () => {
    clearInterval(timer);
    stage = undefined;
    if (live) task.output = warnings.map((message) => `Warning: ${message}`).join('\n');
  };
  return { report, close };
}

/** One line that fits most terminals. */
function clip(text: string): string {
  const line = text.split('\n', 1)[0] ?? '';
  return line.length > 100 ? `${line.slice(0, 99)}…` : line;
}
