import { asRecord, readJson } from '../../lib/files.js';
import { keepDocument, sourcesStamp } from './kept-document.js';
import { changesText } from './route-changes.js';
import { findTypeGenerator } from './type-generator.js';
import { typesState, writeTypes, type TypedBackend } from './types-file.js';

/** What the program is told: its first argument is a file with this. */
export interface FollowJob {
  readonly backend: TypedBackend;
  readonly cacheDir: string;
}

/**
 * The program that the app starts in development when its backend is ready: it gets the OpenAPI document on its standard input,
 * and writes the types when the API changed. Apart from the app, which has neither this package's dependencies nor a
 * TypeScript, and which would stand still meanwhile.
 *
 * @returns what to tell the developer; null: nothing changed
 */
export async function followApi(jobFile: string, input: string): Promise<string | null> {
  const { backend, cacheDir } = (await readJson(jobFile)) as FollowJob;
  const document = asRecord(JSON.parse(input));
  if (document === null) return null;
  await keepDocument(backend, await sourcesStamp(backend), document);
  const found = await typesState(backend, document);
  if (found.state === 'current') return null;
  await writeTypes(backend, document, await findTypeGenerator(backend.projectDir, { cacheDir }));
  const changes = found.state === 'outdated' ? changesText(found.changes).trimEnd() : '';
  return `the types of the API are written anew${changes === '' ? '' : `:\n${changes}`}`;
}
