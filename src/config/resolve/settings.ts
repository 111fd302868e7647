import { defaultSettings } from '../../runtime/default-settings.js';
import type {
  AddressSettings,
  BackendKind,
  HealthSettings,
  ReadySettings,
  RestartSettings,
  RuntimeSettings,
} from '../../runtime/manifest.js';
import { companionPingPath, defaultHealth } from '../defaults.js';
import type { ResolvedEntry } from '../resolved.js';
import type { AddressConfig, BackendOverrides, HealthConfig, ReadyConfig } from '../schema/index.js';
import { sizeInBytes } from '../check/units.js';
import type { BackendContext } from './context.js';
import { checkTemplates } from './templates.js';

/** What the runtime needs to know, and the rules between its parts. */
export function resolveSettings(
  context: BackendContext,
  config: BackendOverrides,
  entry: ResolvedEntry,
): RuntimeSettings {
  const kind = config.kind ?? 'http';
  // The companion serves `asgi` and `wsgi` entries itself; elsewhere the program has to.
  const serves = entry.type === 'asgi' || entry.type === 'wsgi';
  if (serves && kind !== 'http')
    context.problem(
      ['kind'],
      `'${kind}' does not go with an ${entry.type} entry, which is a server; use kind: 'http', or an entry such as { call } or { script }`,
    );
  checkKind(context, config, kind);
  const address = resolveAddress(context, config.address, kind);
  const companion = entry.type === 'spec' ? 'none' : serves ? 'serves' : 'present';
  if (companion === 'none') checkWithoutCompanion(context, config, kind, address);
  const ready = resolveReady(context, config, { kind, address, companion });
  const token = kind === 'http' && (config.auth?.token ?? true);
  const run = config.run ?? {};
  checkTemplates(context, config, { address, token, mode: config.pyinstaller?.mode ?? 'onedir' });
  const { logs = {} } = config;
  const { maxSize, ...otherLogs } = logs;
  return {
    address,
    ready,
    health: resolveHealth(context, config.health, { kind, ready, serves }),
    restart: resolveRestart(config, kind),
    stop: { ...defaultSettings.stop, ...config.stop },
    logs: {
      ...defaultSettings.logs,
      ...otherLogs,
      redact: [...(logs.redact ?? [])],
      maxBytes: maxSize === undefined ? defaultSettings.logs.maxBytes : sizeInBytes(maxSize),
    },
    integrity: config.integrity ?? defaultSettings.integrity,
    token,
    lifeline: config.lifeline ?? 'thread',
    stdio: config.stdio ?? 'json-lines',
    startAfter: [...new Set(config.startAfter ?? [])],
    args: [...(run.args ?? [])],
    env: { ...run.env },
    cwd: run.cwd ?? null,
  };
}

/** Keys that only make sense for some kinds. */
function checkKind(context: BackendContext, config: BackendOverrides, kind: BackendKind): void {
  if (kind !== 'stdio' && config.stdio !== undefined)
    context.problem(['stdio'], `works with kind: 'stdio' only; this backend is '${kind}'`);
  if (kind === 'http') return;
  const why = `a '${kind}' backend has no address`;
  if (config.address !== undefined && config.address !== 'none')
    context.problem(['address'], `${why}; leave the key out, or use kind: 'http'`);
  if (readyConfig(config.ready).http !== undefined)
    context.problem(['ready', 'http'], `${why} that could be asked; leave the key out`);
  if (config.health !== undefined && config.health !== false)
    context.problem(['health'], `${why} that could be asked; leave the key out`);
  if (config.stop?.http !== undefined)
    context.problem(['stop', 'http'], `${why} that could be asked; leave the key out`);
  if (config.auth?.token === true)
    context.problem(['auth', 'token'], `${why} that others could reach; leave the key out`);
  if (kind === 'job' && config.restart !== undefined && config.restart !== false)
    context.problem(['restart'], 'a job runs once and is not restarted; leave the key out');
}

function resolveAddress(
  context: BackendContext,
  address: AddressConfig | undefined,
  kind: BackendKind,
): AddressSettings {
  if (kind !== 'http') return { type: 'none' };
  if (address === undefined || address === 'announce') return { type: 'announce' };
  if (address === 'unix') return { type: 'unix' };
  if (address === 'none') {
    context.problem(
      ['address'],
      "an 'http' backend needs an address; use 'announce' or { port: 8000 }, or another kind",
    );
    return { type: 'none' };
  }
  const { port, host = '127.0.0.1' } = address;
  const [from, to] = typeof port === 'number' ? [port, port] : port;
  if (from > to)
    context.problem(
      ['address', 'port'],
      `the range begins at ${from} and ends at ${to}; write the lower port first`,
    );
  return { type: 'port', host, from, to };
}

/** A string is short for `{ http }`. */
function readyConfig(ready: string | ReadyConfig | undefined): ReadyConfig {
  return typeof ready === 'string' ? { http: ready } : (ready ?? {});
}

/**
 * A program from a hand-written spec is frozen as it is, without the companion, so it can neither say where it is nor
 * speak the conversation of `stdio`.
 */
function checkWithoutCompanion(
  context: BackendContext,
  config: BackendOverrides,
  kind: BackendKind,
  address: AddressSettings,
): void {
  if (kind === 'http' && address.type === 'announce')
    context.problem(
      ['address'],
      "a program from a spec file cannot announce its address; write address: { port: [8000, 8010] } with {port} in run.args, and ready: { http: '/health' }",
    );
  if (kind === 'http' && address.type === 'unix')
    context.problem(
      ['address'],
      'a program from a spec file is told no socket; write address: { port: [8000, 8010] }',
    );
  if (kind === 'stdio' && config.stdio !== 'raw')
    context.problem(['stdio'], "a program from a spec file does not speak 'json-lines'; write stdio: 'raw'");
  if (readyConfig(config.ready).announce === true)
    context.problem(
      ['ready', 'announce'],
      'a program from a spec file cannot announce anything; use ready.http or ready.log',
    );
}

interface ReadyFacts {
  readonly kind: BackendKind;
  readonly address: AddressSettings;
  /** `serves`: it runs the application itself. `present`: it is inside, the program serves. `none`: it is not there. */
  readonly companion: 'serves' | 'present' | 'none';
}

function resolveReady(context: BackendContext, config: BackendOverrides, facts: ReadyFacts): ReadySettings {
  const ready = readyConfig(config.ready);
  const announced = ready.announce ?? isAnnounced(config, facts);
  if (facts.kind === 'http' && !announced) {
    if (facts.address.type === 'announce' && facts.companion !== 'none')
      context.problem(
        ['ready', 'announce'],
        "false does not go with address: 'announce', because then nothing says where the backend is; use address: { port: 8000 }",
      );
    else if (
      facts.address.type === 'port' &&
      !ready.connect &&
      ready.http === undefined &&
      ready.log === undefined
    )
      context.problem(
        ['address'],
        "nothing tells when the backend is ready; add ready: { http: '/health' } (a path that answers), ready: { log: '…' } (a line it prints) or ready: { connect: true } (it speaks no HTTP)",
      );
  }
  if (ready.connect && facts.companion === 'serves')
    context.problem(
      ['ready', 'connect'],
      'the companion serves the application, and says when it does; leave the key out',
    );
  else if (ready.connect && facts.address.type !== 'port')
    context.problem(['ready', 'connect'], 'needs a port to connect to; add address: { port: [8000, 8010] }');
  if (facts.kind === 'job' && ready.announce === true)
    context.problem(['ready', 'announce'], 'a job says nothing when it is ready; leave the key out');
  const timeoutMs = ready.timeoutMs ?? defaultSettings.ready.timeoutMs;
  const slowAfterMs = ready.slowAfterMs ?? Math.min(defaultSettings.ready.slowAfterMs, timeoutMs);
  if (slowAfterMs > timeoutMs)
    context.problem(
      ['ready', 'slowAfterMs'],
      `${slowAfterMs} is later than ready.timeoutMs (${timeoutMs}), so it would never be reached`,
    );
  if (ready.status !== undefined && ready.http === undefined)
    context.problem(['ready', 'status'], "belongs to a path that is asked; add http, such as '/api/health'");
  const status = ready.status === undefined ? {} : { status: [ready.status].flat() };
  return { announced, http: ready.http ?? null, ...status, log: ready.log ?? null, timeoutMs, slowAfterMs };
}

/** Whether the companion's `ready` message can be expected. */
function isAnnounced(config: BackendOverrides, { kind, address, companion }: ReadyFacts): boolean {
  if (kind === 'job' || companion === 'none') return false;
  if (kind === 'stdio') return (config.stdio ?? 'json-lines') === 'json-lines';
  return address.type === 'announce' || address.type === 'unix' || companion === 'serves';
}

function resolveHealth(
  context: BackendContext,
  health: string | false | HealthConfig | undefined,
  {
    kind,
    ready,
    serves,
  }: { readonly kind: BackendKind; readonly ready: ReadySettings; readonly serves: boolean },
): HealthSettings | null {
  if (health === false || kind !== 'http') return null;
  const config = typeof health === 'string' ? { http: health } : (health ?? {});
  const http = config.http ?? ready.http ?? (serves ? companionPingPath : null);
  if (http === null) {
    if (health !== undefined)
      context.problem(['health'], "nothing can be asked; add http, such as health: { http: '/health' }");
    return null;
  }
  const { status } = ready;
  return {
    ...defaultHealth,
    ...config,
    http,
    ...(status !== undefined && http === ready.http ? { status } : {}),
  };
}

function resolveRestart(config: BackendOverrides, kind: BackendKind): RestartSettings {
  if (config.restart === false || kind === 'job') return { ...defaultSettings.restart, max: 0 };
  const merged = { ...defaultSettings.restart, ...config.restart };
  return { ...merged, never: [...merged.never], immediately: [...merged.immediately] };
}
