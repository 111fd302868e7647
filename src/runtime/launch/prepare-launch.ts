import { isWindows } from '../is-windows.js';
import type { Clock } from '../clock.js';
import { BackendError, theBackend } from '../errors.js';
import type { Credentials, RequestedAddress } from '../talk/handshake.js';
import { locateProgram, planLaunch, prepareWorkingDirectory } from './launch-plan.js';
import type { LaunchPlan, ProgramLocation } from './launch-plan.js';
import type { BackendManifest } from '../manifest.js';
import { pickPort } from './port.js';
import { createSocketPlace } from './unix-socket.js';
import type { SocketPlace } from './unix-socket.js';

/** What every launch of a backend takes from the app it runs in. */
export interface LaunchContext {
  readonly clock: Clock;
  readonly userData: string;
  readonly resources: string;
  readonly baseEnv: Readonly<Record<string, string | undefined>>;
  /** Read the manifest (anew: in development it changes). */
  readonly load: () => BackendManifest;
  /** Write a remark into the log. */
  readonly remark: (text: string) => void;
  /** Compare the bundle with the manifest; gives what remains to be compared beside the start. Both reject with a BackendError. */
  readonly verify: (
    backend: BackendManifest,
    location: ProgramLocation,
    signal: AbortSignal,
  ) => Promise<() => Promise<void>>;
  /** Done once before the first launch: end what an earlier run of the app left. Never rejects. */
  readonly reap: () => Promise<void>;
}

/** Everything that is decided before the spawn. */
export interface PreparedLaunch {
  readonly backend: BackendManifest;
  readonly location: ProgramLocation;
  readonly requested: RequestedAddress;
  readonly socket: SocketPlace | null;
  readonly plan: LaunchPlan;
  /** Rejects with a BackendError when the bundle turns out to be damaged. */
  readonly intact: Promise<void>;
}

/** What {@link prepareLaunch} is asked for. */
export interface PrepareRequest {
  readonly credentials: Credentials;
  readonly extraArgs: readonly string[];
  readonly signal: AbortSignal;
  readonly onPhase: (phase: 'preflight' | 'verifying') => void;
  /** Throws when this kind of backend is not meant. */
  readonly accept: (backend: BackendManifest) => void;
}

/**
 * Locate, verify, choose an address, compose the command.
 *
 * @throws BackendError with what is missing, damaged or taken.
 */
export async function prepareLaunch(
  context: LaunchContext,
  request: PrepareRequest,
): Promise<PreparedLaunch> {
  const { credentials, signal } = request;
  const backend = context.load();
  request.accept(backend);
  const refuseStopped = (): void => {
    if (signal.aborted) throw new BackendError('E_STOPPED', `${theBackend(backend.name)} was stopped`);
  };
  const location = locateProgram(backend, context.resources, context.remark);
  await context.reap();
  request.onPhase('verifying');
  const compareRest = await context.verify(backend, location, signal);
  refuseStopped();
  request.onPhase('preflight');
  const { requested, socket } = await chooseAddress(backend, context, signal);
  try {
    const plan = planLaunch({
      backend,
      location,
      credentials,
      address: requested,
      userData: context.userData,
      resources: context.resources,
      baseEnv: context.baseEnv,
      platform: process.platform,
      extraArgs: request.extraArgs,
    });
    await prepareWorkingDirectory(plan, context.userData, backend.name);
    refuseStopped();
    return { backend, location, requested, socket, plan, intact: compareRest() };
  } catch (error) {
    socket?.remove();
    throw error;
  }
}

async function chooseAddress(
  backend: BackendManifest,
  context: LaunchContext,
  signal: AbortSignal,
): Promise<{ readonly requested: RequestedAddress; readonly socket: SocketPlace | null }> {
  const { address, ready, args, env, cwd } = backend.settings;
  switch (address.type) {
    case 'port': {
      const { host, from, to } = address;
      const port = await pickPort(backend.name, host, [from, to], signal);
      // The companion takes the next one if somebody was faster, unless the program was told this one.
      const isTold = !ready.announced || JSON.stringify([args, env, cwd]).includes('{port}');
      const requested = { type: 'port', host, port } as const;
      return { requested: from === to ? requested : { ...requested, to: isTold ? port : to }, socket: null };
    }
    case 'unix': {
      // Python's servers have no such sockets on Windows.
      if (isWindows) return { requested: { type: 'announce' }, socket: null };
      const socket = await createSocketPlace(context.baseEnv);
      return { requested: { type: 'unix', path: socket.path }, socket };
    }
    case 'announce':
    case 'none':
    default:
      return { requested: { type: address.type }, socket: null };
  }
}
