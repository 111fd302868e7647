import path from 'node:path';
import type { FrozenBackend } from '../../bundle/frozen.js';
import type { ResolvedBackend } from '../../config/resolved.js';
import type { WorkOptions } from '../../report.js';
import { keepDocument, sourcesStamp } from './kept-document.js';
import { changesText } from './route-changes.js';
import { findTypeGenerator } from './type-generator.js';
import { typedBackends, typesState, writeTypes, type TypedBackend } from './types-file.js';
import type { OpenApiDocument } from './openapi.js';

/**
 * Freeze with {@link WorkOptions}, and let the types of the APIs follow what the frozen programs answered with. That types
 * cannot be written is a warning: the bundle is none the worse for it.
 */
export async function freezeAndType<Options extends WorkOptions>(
  backends: readonly ResolvedBackend[],
  options: Options,
  freeze: (backends: readonly ResolvedBackend[], options: Options) => Promise<FrozenBackend[]>,
): Promise<FrozenBackend[]> {
  const typed = typedBackends(backends);
  // Taken first: what is edited meanwhile is not in the bundle.
  const stamps = await Promise.all(typed.map(sourcesStamp));
  const frozen = await freeze(backends, options);
  for (const [index, backend] of typed.entries()) {
    const document = frozen.find((one) => one.backend.name === backend.name)?.document;
    const stamp = stamps[index];
    if (document === undefined || stamp === undefined) continue;
    const message = await follow(backend, stamp, document, options).catch(
      (error: unknown) =>
        `The types of its API (${shownOutput(backend)}) could not be written: ${error instanceof Error ? error.message : String(error)}`,
    );
    if (message !== null) options.report?.({ type: 'warning', backend: backend.name, message });
  }
  return frozen;
}

/** The same freezing with {@link freezeAndType}. */
export function typing<Options extends WorkOptions>(
  freeze: (backends: readonly ResolvedBackend[], options: Options) => Promise<FrozenBackend[]>,
) {
  return (backends: readonly ResolvedBackend[], options: Options): Promise<FrozenBackend[]> =>
    freezeAndType(backends, options, freeze);
}

async function follow(
  backend: TypedBackend,
  stamp: string,
  document: OpenApiDocument,
  options: WorkOptions,
): Promise<string | null> {
  await keepDocument(backend, stamp, document);
  const found = await typesState(backend, document);
  if (found.state === 'current') return null;
  await writeTypes(backend, document, await findTypeGenerator(backend.projectDir, options));
  if (found.state === 'missing') return null;
  return `The types of its API (${shownOutput(backend)}) were out of date and are written anew; what was compiled with the old ones does not know of this:\n${changesText(found.changes).trimEnd()}`;
}

function shownOutput({ projectDir, client }: TypedBackend): string {
  return path.relative(projectDir, client.output).replaceAll(path.sep, '/');
}
