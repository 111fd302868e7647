import type { AddressSettings } from '../../runtime/manifest.js';
import { nearest } from '../check/nearest.js';
import { quote, type ConfigPath } from '../check/problem.js';
import type { BackendConfig } from '../schema/index.js';
import type { BackendContext } from './context.js';

/** The placeholders that are replaced at each start. */
const placeholders: readonly string[] = ['port', 'host', 'userData', 'resources', 'bundle', 'token'];

interface TemplateFacts {
  readonly address: AddressSettings;
  readonly token: boolean;
  readonly mode: 'onedir' | 'onefile';
}

/** Check the placeholders in `run` and `verify.args`: known, and with something to put there. */
export function checkTemplates(
  context: BackendContext,
  { run = {}, verify }: Pick<BackendConfig, 'run' | 'verify'>,
  facts: TemplateFacts,
): void {
  const check = (at: ConfigPath, value: string): void => {
    for (const [, name = ''] of value.matchAll(/\{([A-Za-z]+)\}/g)) checkOne(context, at, value, name, facts);
  };
  for (const [index, value] of (run.args ?? []).entries()) check(['run', 'args', index], value);
  for (const [index, value] of (run.dev?.args ?? []).entries()) check(['run', 'dev', 'args', index], value);
  for (const [key, value] of Object.entries(run.env ?? {})) check(['run', 'env', key], value);
  for (const [key, value] of Object.entries(run.dev?.env ?? {})) check(['run', 'dev', 'env', key], value);
  const trial = typeof verify === 'object' ? (verify.args ?? []) : [];
  for (const [index, value] of trial.entries()) check(['verify', 'args', index], value);
  if (run.cwd !== undefined) check(['run', 'cwd'], run.cwd);
}

function checkOne(
  context: BackendContext,
  at: ConfigPath,
  value: string,
  name: string,
  { address, token, mode }: TemplateFacts,
): void {
  if (!placeholders.includes(name)) {
    // Other braces are the program's own business (log formats, JSON); only a slip of ours is noted.
    const near = nearest(name, placeholders);
    if (near !== undefined)
      context.problem(at, `unknown placeholder {${name}} in ${quote(value)}. Did you mean {${near}}?`);
  } else if ((name === 'port' || name === 'host') && address.type !== 'port') {
    const why =
      address.type === 'announce'
        ? 'the backend takes a free port itself and announces it'
        : 'the backend has no port';
    context.problem(
      at,
      `{${name}} in ${quote(value)} has no value, because ${why}; write address: { port: [8000, 8010] }`,
    );
  } else if (name === 'bundle' && mode === 'onefile' && at.includes('cwd')) {
    context.problem(
      at,
      `{bundle} in ${quote(value)} has no value, because a onefile program starts before it unpacks itself; ask for files in the code (from electron_pyinstaller import resource_path), or use pyinstaller: { mode: 'onedir' }`,
    );
  } else if (name === 'token') {
    if (!token)
      context.problem(
        at,
        `{token} in ${quote(value)} has no value, because auth.token is off for this backend`,
      );
    else if (at.includes('args') || at.includes('cwd'))
      context.warn(
        at,
        'puts the token where every program on the computer can read it; use run.env, or the handshake of the companion.',
      );
  }
}
