import path from 'node:path';
import { quote } from '../check/problem.js';
import type { ResolvedClient } from '../resolved.js';
import type { BackendConfig, BackendOverrides } from '../schema/index.js';
import type { BackendContext } from './context.js';
import { absolute } from './paths.js';

/**
 * The key `client`.
 *
 * @param generated - where `backends.gen.ts` goes; null: nowhere
 */
export function resolveClient(
  context: BackendContext,
  { kind = 'http', client = false }: Pick<BackendConfig, 'client'> & Pick<BackendOverrides, 'kind'>,
  generated: string | null,
): ResolvedClient | null {
  if (client === false) return null;
  if (kind !== 'http') {
    const use = kind === 'stdio' ? 'request()' : 'run()';
    context.problem(
      ['client'],
      `types are made from the OpenAPI document of a server, and a backend of kind ${quote(kind)} has none; remove \`client\`, and talk to it with ${use}`,
    );
    return null;
  }
  const { openapi = '/openapi.json', output } = client === true ? {} : client;
  if (output !== undefined && !typeScript.test(output))
    context.problem(['client', 'output'], `expected a path that ends in .ts, got ${quote(output)}`);
  if (output === undefined && generated === null) {
    context.problem(
      ['client'],
      `there is no backends.gen.ts to put the types beside; say where they go: client: { output: 'src/${context.name}.api.gen.ts' }`,
    );
    return null;
  }
  const file =
    output === undefined
      ? path.join(path.dirname(generated ?? ''), `${context.name}.api.gen.ts`)
      : absolute(context, output);
  if (file === generated)
    context.problem(
      ['client', 'output'],
      'backends.gen.ts is written there (`generate`); choose another file',
    );
  return { openapi, output: file, document: file.replace(typeScript, '.json') };
}

/** How the name of a TypeScript file ends, declarations included. */
const typeScript = /(?:\.d)?\.[cm]?ts$/;
