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

/** Try all artifacts of a host. */
export async function tryArtifacts(artifacts: readonly Artifact[], options: TryOptions): Promise<HostReport> {
  const reports: ArtifactReport[] = [];
  let health: Readonly<Record<string, unknown>> = {};
  let killed: LaunchResult | null = null;
  for (const artifact of artifacts) {
    const name = `${options.host}-${artifact.kind}`;
    const log = path.join(options.logs, `run-${name}.log`);
    await options.progress.step(`${options.host}: ${path.basename(artifact.file)}`, async () => {
      options.progress.detail('unpacking');
      // A space and a letter outside of ASCII: where users unpack things.
      const app = await unpackArtifact(artifact, path.join(options.out, `${name} hér`), log);
      const launch = (end: 'quit' | 'kill'): Promise<LaunchResult> =>
        launchApp({ ...options, ...app, work: path.join(options.out, `${name} dåta`), log, end });
      options.progress.detail('starting, asking, quitting');
      const run = await launch('quit');
      check(run, options, log);
      ({ health } = run);
      if (killed === null) {
        options.progress.detail('starting again, kill -9');
        killed = await launch('kill');
        check(killed, options, log);
      }
      reports.push({
        file: path.relative(options.exampleDir, artifact.file),
        kind: artifact.kind,
        sizeBytes: artifact.sizeBytes,
        backendFiles: app.bundle.files,
        backendLinks: app.bundle.links,
        readyMs: run.readyMs,
        backendMs: run.backendMs,
        quitMs: run.endMs,
        leftovers: run.leftovers.length,
      });
    });
  }
  const { freezing } = options;
  const killedMs = (killed as LaunchResult | null)?.endMs ?? 0;
  return {
    artifacts: reports,
    readyMs: Math.max(...reports.map(({ readyMs }) => readyMs)),
    health,
    leftovers: 0,
    killedMs,
    freezing,
  };
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
