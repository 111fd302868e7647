import path from 'node:path';
import type { BackendKind } from '../../runtime/manifest.js';
import type { ResolvedVerify } from '../resolved.js';
import type { BackendOverrides, VerifyResource } from '../schema/index.js';
import { sizeInBytes } from '../check/units.js';
import type { BackendContext } from './context.js';
import { absolute } from './paths.js';

/** Nothing is checked. */
export const noVerification: ResolvedVerify = {
  run: false,
  imports: [],
  files: [],
  http: [],
  args: null,
  resources: [],
  maxSizeBytes: null,
  startWithinMs: null,
  glibc: null,
};

/** The group `verify`. */
export function resolveVerify(context: BackendContext, config: BackendOverrides): ResolvedVerify {
  const { verify = {} } = config;
  if (verify === false) return noVerification;
  const kind: BackendKind = config.kind ?? 'http';
  const run = verify.run ?? true;
  const wrong = (key: string, text: string): void => context.problem(['verify', key], text);
  if (verify.http !== undefined && kind !== 'http')
    wrong('http', `a '${kind}' backend answers no requests; leave the key out`);
  if (verify.args !== undefined && kind !== 'job')
    wrong('args', `works with kind: 'job' only; the arguments of a '${kind}' backend are run.args`);
  if (!run) {
    for (const key of ['http', 'args', 'resources', 'startWithinMs'] as const)
      if (verify[key] !== undefined) wrong(key, 'needs the program to be run; leave out verify.run: false');
  }
  for (const [index, file] of (verify.files ?? []).entries()) {
    if (/^(?:[\\/]|[A-Za-z]:)|(?:^|[\\/])\.\.(?:[\\/]|$)/.test(file))
      context.problem(
        ['verify', 'files', index],
        `"${file}" is not inside the bundle; write a path relative to the bundle, such as 'config/defaults.json'`,
      );
  }
  return {
    run,
    imports: [...(verify.imports ?? [])],
    files: (verify.files ?? []).map((file) => file.replaceAll('\\', '/')),
    http: (verify.http ?? []).map((item) =>
      typeof item === 'string'
        ? { path: item, status: null, contains: null }
        : { path: item.path, status: item.status ?? null, contains: item.contains ?? null },
    ),
    args: verify.args === undefined ? null : [...verify.args],
    resources: resolveResources(context, verify.resources ?? []),
    maxSizeBytes: verify.maxSize === undefined ? null : sizeInBytes(verify.maxSize),
    startWithinMs: verify.startWithinMs ?? null,
    glibc: verify.glibc ?? null,
  };
}

function resolveResources(
  context: BackendContext,
  resources: readonly (string | VerifyResource)[],
): ResolvedVerify['resources'] {
  return resources.map((item, index) => {
    const { from, to } = typeof item === 'string' ? { from: item, to: undefined } : item;
    const file = absolute(context, from);
    const place = path.posix.normalize((to ?? path.basename(file)).replaceAll('\\', '/')).replace(/\/+$/, '');
    if (place.split('/')[0] === context.name)
      context.problem(
        ['verify', 'resources', index],
        `"${place}" is where the backend itself lies in the app's resources; nothing of the app can be there`,
      );
    return { from: file, to: place };
  });
}
