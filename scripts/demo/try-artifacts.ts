/** Every artifact of a host: unpacked, started, asked, quit; then killed once. */
import path from 'node:path';
import { DemoFailure } from './failure.ts';
import { launchApp, type LaunchResult } from './launch.ts';
import type { Progress } from './progress.ts';
import { unpackArtifact, type Artifact } from './unpack.ts';

/** What example-app/out/demo.json says about an artifact. */
export interface ArtifactReport {
  /** Relative to example-app. */
  readonly file: string;
  readonly kind: Artifact['kind'];
  readonly sizeBytes: number;
  /** Files and links of the backend; all compared with the manifest inside the app. */
  readonly backendFiles: number;
  readonly backendLinks: number;
  readonly readyMs: number;
  readonly backendMs: number;
  readonly quitMs: number;
  readonly leftovers: number;
}

/** What it says about a host. */
export interface HostReport {
  readonly artifacts: readonly ArtifactReport[];
  /** Of the slowest artifact: from starting the app until its backend had answered. */
  readonly readyMs: number;
  readonly health: Readonly<Record<string, unknown>>;
  /** Processes left after quitting and after `kill -9`, all artifacts together. */
  readonly leftovers: number;
  /** After `kill -9` of the main process: milliseconds until the last process was gone. */
  readonly killedMs: number;
  /** What the host said about freezing. */
  readonly freezing: string;
}

/** What all artifacts of a run share. */
export interface TryOptions {
  readonly host: 'forge' | 'electron-builder';
  readonly exampleDir: string;
  readonly out: string;
  readonly logs: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly expectsStandIn: boolean;
  readonly freezing: string;
  readonly progress: Progress;
}

/** Try all artifacts of a host; the first is killed, too. */
export async function tryArtifacts(artifacts: readonly Artifact[], options: TryOptions): Promise<HostReport> {
  const tried: Tried[] = [];
  for (const [index, artifact] of artifacts.entries()) {
    const title = `${options.host}: ${path.basename(artifact.file)}`;
    tried.push(await options.progress.step(title, () => tryArtifact(artifact, options, index === 0)));
  }
  const runs = tried.flatMap(({ quit, killed }) => (killed === null ? [quit] : [quit, killed]));
  return {
    artifacts: tried.map(({ report }) => report),
    readyMs: Math.max(...tried.map(({ quit }) => quit.readyMs)),
    health: tried[0]?.quit.health ?? {},
    leftovers: runs.reduce((sum, { leftovers }) => sum + leftovers.length, 0),
    killedMs: tried[0]?.killed?.endMs ?? 0,
    freezing: options.freezing,
  };
}

interface Tried {
  readonly report: ArtifactReport;
  readonly quit: LaunchResult;
  /** null: not killed. */
  readonly killed: LaunchResult | null;
}

async function tryArtifact(artifact: Artifact, options: TryOptions, withKill: boolean): Promise<Tried> {
  const name = `${options.host}-${artifact.kind}`;
  const log = path.join(options.logs, `run-${name}.log`);
  options.progress.detail('unpacking');
  // A space and a letter outside of ASCII: where users unpack things.
  const app = await unpackArtifact(artifact, path.join(options.out, `${name} hér`), log);
  const launch = async (end: 'quit' | 'kill'): Promise<LaunchResult> => {
    const work = path.join(options.out, `${name} dåta`);
    const { executable } = app;
    const { args, env } = options;
    const run = await launchApp({ executable, args, env, work, log, end });
    check(run, options, log);
    return run;
  };
  options.progress.detail('starting, asking, quitting');
  const quit = await launch('quit');
  if (withKill) options.progress.detail('starting again, kill -9');
  const killed = withKill ? await launch('kill') : null;
  const report = {
    file: path.relative(options.exampleDir, artifact.file),
    kind: artifact.kind,
    sizeBytes: artifact.sizeBytes,
    backendFiles: app.bundle.files,
    backendLinks: app.bundle.links,
    readyMs: quit.readyMs,
    backendMs: quit.backendMs,
    quitMs: quit.endMs,
    leftovers: quit.leftovers.length,
  };
  return { report, quit, killed };
}

function check(run: LaunchResult, options: TryOptions, log: string): void {
  if (run.leftovers.length > 0) {
    throw new DemoFailure(`Left over after the app had ended: process ${run.leftovers.join(', ')}.`, log);
  }
  if (run.isStandIn !== options.expectsStandIn) {
    throw new DemoFailure(
      `The app ran in ${run.isStandIn ? 'the stand-in' : 'genuine Electron'}, which was not expected.`,
      log,
    );
  }
}
