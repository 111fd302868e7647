import type { WorkOptions } from '../../report.js';
import { documentFromSource } from '../../verify/api-document.js';
import { prepareBackend } from '../dev/index.js';
import { keepDocument, keptDocument, sourcesStamp } from './kept-document.js';
import type { OpenApiDocument } from './openapi.js';
import type { TypedBackend } from './types-file.js';

/**
 * What a backend says of its API now: the document that a build, a verification or `npm start` kept, when the sources have
 * not changed since; else it is started from source and asked.
 *
 * @throws PyInstallerError as `prepareDevelopment` does, and `ERR_VERIFY` when it has no document.
 */
export async function presentDocument(backend: TypedBackend, options: WorkOptions): Promise<OpenApiDocument> {
  const kept = await keptDocument(backend);
  if (kept !== null) return kept;
  const { client, configFile, configPath, projectDir, name } = backend;
  const manifest = await prepareBackend(backend, options);
  const sources = await sourcesStamp(backend);
  options.report?.({
    type: 'stage',
    backend: name,
    stage: 'api',
    title: 'Starting it from source to ask for its API',
    elapsedMs: 0,
  });
  const document = await documentFromSource({
    manifest,
    projectDir,
    openapi: client.openapi,
    configFile,
    configPath,
    signal: options.signal,
  });
  await keepDocument(backend, sources, document);
  return document;
}
