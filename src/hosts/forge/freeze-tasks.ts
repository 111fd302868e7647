import { isPyInstallerError } from '../../errors.js';
import { interruptible } from '../shared/interrupt.js';
import { plainError } from '../shared/plain-error.js';
import type { ProjectBuild } from '../shared/project-build.js';
import { type PackagingRequest, requestTargets } from '../shared/targets.js';
import type { EngineEvent, Report } from '../../report.js';
import { hostTarget, type Target, targetName } from '../../target.js';
import { keepOutput, listOptions, reportOnTask, type TaskDefinition, type TaskLike } from './task.js';

/**
 * One task per target and, below it, one per backend. With a single target its backends stand at the top. All backends of
 * a target are one run of the engine, so that they can share environments and cores.
 */
export async function freezeTasks(
  build: ProjectBuild,
  request: PackagingRequest,
  live: boolean,
): Promise<TaskDefinition[]> {
  const targets = cheapestFirst(requestTargets(request));
  const perTarget = await Promise.all(
    targets.map(async (target) => ({ target, tasks: await targetTasks(build, target, live) })),
  );
  const only = perTarget[0];
  if (only !== undefined && perTarget.length === 1) return only.tasks;
  return perTarget.map(({ target, tasks }) => ({
    title: `For ${targetName(target)}`,
    task: (_context, task) => task.newListr(tasks, concurrentList),
  }));
}

/**
 * The machine's own architecture last: another one fails at once when it cannot be frozen here, and nobody has waited
 * for a freeze by then.
 */
function cheapestFirst(targets: readonly Target[]): Target[] {
  const isHost = ({ arch }: Target) => arch === hostTarget().arch;
  return [...targets.filter((target) => !isHost(target)), ...targets.filter(isHost)];
}

/** The backends of a target run side by side, inside one run of the engine. */
export const concurrentList = { ...listOptions, concurrent: true };

async function targetTasks(build: ProjectBuild, target: Target, live: boolean): Promise<TaskDefinition[]> {
  const config = await build.config(target);
  const router = new EventRouter();
  let run: Promise<unknown> | undefined;
  const start = () =>
    (run ??= interruptible((signal) => build.freeze(target, { report: router.report, signal })));
  return config.backends.map((backend, index) => ({
    title: `Freezing ${backend.name} for ${targetName(target)}`,
    rendererOptions: keepOutput,
    task: async (_context: unknown, task: TaskLike) => {
      const { report, close } = reportOnTask(task, live);
      router.subscribe(backend.name, report);
      try {
        await start();
      } catch (error) {
        const culprit = isPyInstallerError(error) ? error.backend : undefined;
        const isOurs = culprit === undefined ? index === 0 : culprit === backend.name;
        // One failure is one message: the other backends only say that they did not get to their end.
        if (isOurs || !config.backends.some(({ name }) => name === culprit)) throw plainError(error);
        task.title = `${backend.name}: not finished`;
      } finally {
        close();
      }
    },
  }));
}

/** Hands each event to the task of its backend; events of a task that has not begun wait for it. */
export class EventRouter {
  readonly #listeners = new Map<string, Report>();
  readonly #waiting = new Map<string, EngineEvent[]>();

  readonly report: Report = (event) => {
    const listener = this.#listeners.get(event.backend);
    if (listener !== undefined) listener(event);
    else this.#waiting.set(event.backend, [...(this.#waiting.get(event.backend) ?? []), event]);
  };

  /** Receive the events of one backend, those of the past first. */
  subscribe(backend: string, listener: Report): void {
    this.#listeners.set(backend, listener);
    for (const event of this.#waiting.get(backend) ?? []) listener(event);
    this.#waiting.delete(backend);
  }
}
