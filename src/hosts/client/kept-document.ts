import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { ResolvedBackend } from '../../config/resolved.js';
import { sourceFiles, sourceRoots } from '../../freeze/sources.js';
import { canonicalJson } from '../../lib/canonical.js';
import { asRecord, readJson } from '../../lib/files.js';
import { sha256 } from '../../lib/hash.js';
import { writeAtomically } from '../../lib/write-atomically.js';
import { developmentManifestPath } from '../../runtime/manifest.js';
import type { OpenApiDocument } from './openapi.js';
import type { TypedBackend } from './types-file.js';

/** Where the document that a backend answered with is kept, with the state of the sources it was of. */
function keptFile({ projectDir, name }: ResolvedBackend): string {
  return path.join(projectDir, path.dirname(developmentManifestPath), 'api', `${name}.json`);
}

/** Keep the document that a backend answered with. @param sources - {@link sourcesStamp} from before it was started */
export async function keepDocument(
  backend: TypedBackend,
  sources: string,
  document: OpenApiDocument,
): Promise<void> {
  await writeAtomically(keptFile(backend), JSON.stringify({ sources, document }));
}

/** The document kept, if the sources are still what they were; null: there is none. */
export async function keptDocument(backend: TypedBackend): Promise<OpenApiDocument | null> {
  const kept = asRecord(await readJson(keptFile(backend)));
  const document = asRecord(kept?.['document']);
  return document !== null && kept?.['sources'] === (await sourcesStamp(backend)) ? document : null;
}

/** A text that is another one after an edit of the sources, of the requirements, or of what starts the backend. */
export async function sourcesStamp(backend: TypedBackend): Promise<string> {
  const { entry, source, requirements, python, settings, development, client } = backend;
  const files = await Promise.all(
    sourceRoots(backend).map(async (root) => (await sourceFiles(backend, root)).map((file) => file.absolute)),
  );
  const named =
    requirements.type === 'pip'
      ? requirements.files
      : requirements.type === 'lock'
        ? [requirements.file]
        : requirements.type === 'project'
          ? [path.join(requirements.directory, 'pyproject.toml')]
          : [];
  const stamps = await Promise.all([...files.flat(), ...named].map(stampOf));
  const written = { entry, source, requirements, python, settings, development, openapi: client.openapi };
  return sha256(canonicalJson({ written, stamps: stamps.sort() }));
}

async function stampOf(file: string): Promise<string> {
  const stats = await stat(file).catch(() => null);
  return `${file} ${stats?.size ?? ''} ${stats?.mtimeMs ?? ''}`;
}
