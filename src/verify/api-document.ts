import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PyInstallerError } from '../errors.js';
import { asRecord, parseJson } from '../lib/files.js';
import { createBackend, isBackendError, type Backend } from '../runtime/index.js';
import { manifestVersion, type BackendManifest, type DevelopmentProgram } from '../runtime/manifest.js';
import { describeBackendError } from './verify-error.js';

/** An OpenAPI document, or what was seen instead of one. */
export type DocumentAnswer =
  | { readonly document: Readonly<Record<string, unknown>> }
  | { readonly seen: string; readonly cause?: unknown };

/** Milliseconds for the document: large applications make it at the first request. */
const documentTimeoutMs = 60_000;

/** Ask a running backend for its OpenAPI document. */
export async function askForDocument(
  backend: Pick<Backend, 'fetch'>,
  openapi: string,
  signal: AbortSignal | undefined,
): Promise<DocumentAnswer> {
  const deadline = AbortSignal.timeout(documentTimeoutMs);
  try {
    const response = await backend.fetch(openapi, {
      headers: { accept: 'application/json' },
      signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
    });
    return readDocument(openapi, response.status, await response.text());
  } catch (error) {
    signal?.throwIfAborted();
    const text = deadline.aborted
      ? `was not answered within ${documentTimeoutMs / 1000} s`
      : `failed: ${isBackendError(error) ? describeBackendError(error) : String(error)}`;
    return { seen: `GET ${openapi} ${text}`, cause: error };
  }
}

/** An answer as an OpenAPI document. Pure. */
export function readDocument(openapi: string, status: number, body: string): DocumentAnswer {
  const shown = `GET ${openapi} answered ${status} with`;
  const document = asRecord(parseJson(body));
  if (status !== 200 || document === null || Array.isArray(document))
    return { seen: `${shown} ${JSON.stringify(body.slice(0, 100))}, which is no OpenAPI document` };
  const { openapi: version, swagger, paths } = document;
  if (typeof version !== 'string' || !version.startsWith('3.'))
    return {
      seen: `${shown} a document of ${typeof version === 'string' ? version : `Swagger ${JSON.stringify(swagger)}`}; types are made of OpenAPI 3`,
    };
  return asRecord(paths) === null ? { seen: `${shown} a document without paths` } : { document };
}

/** The edit for a backend without a document. */
export function documentHint(configPath: string, configFile: string): string {
  return `Say where it is, ${configPath}.client: { openapi: '/path/of/openapi.json' } in ${configFile} (FastAPI: \`openapi_url\` of the application), or remove \`client\`.`;
}

/** How a backend is started from source to be asked. */
export interface SourceRun {
  /** Its manifest for development. */
  readonly manifest: BackendManifest;
  readonly projectDir: string;
  readonly openapi: string;
  readonly configFile: string;
  readonly configPath: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Start a backend from its sources, with the runtime that the app uses, ask it for its OpenAPI document, and stop it.
 *
 * @throws PyInstallerError `ERR_VERIFY` when it does not start or has no document.
 */
export async function documentFromSource(run: SourceRun): Promise<Readonly<Record<string, unknown>>> {
  const { manifest, projectDir, signal } = run;
  const folder = await mkdtemp(path.join(tmpdir(), 'electron-pyinstaller-api-'));
  const { settings, program } = manifest;
  const alone: BackendManifest = {
    ...manifest,
    settings: {
      ...settings,
      restart: { ...settings.restart, max: 0, maxStartFailures: 1 },
      health: null,
      startAfter: [],
      logs: { ...settings.logs, file: false },
    },
    program: program.type === 'development' ? quiet(program) : program,
  };
  const backend = createBackend({
    app: {
      isPackaged: false,
      getAppPath: () => projectDir,
      getPath: () => folder,
      on: () => undefined,
      quit: () => undefined,
    },
    name: manifest.name,
    manifest: { version: manifestVersion, backends: { [manifest.name]: alone } },
    stopOnQuit: false,
    // What it prints is told when it fails.
    logger: { info: silent, warn: silent, error: silent },
  });
  try {
    await backend.start({ signal });
    const answer = await askForDocument(backend, run.openapi, signal);
    if ('document' in answer) return answer.document;
    throw sourceError(run, `${answer.seen}.`, documentHint(run.configPath, run.configFile), answer.cause);
  } catch (error) {
    signal?.throwIfAborted();
    if (!isBackendError(error)) throw error;
    const seen = [`it could not be started: ${error.message}`, ...error.tail.slice(-20)].join('\n');
    throw sourceError(run, seen, `Mend what stops it at \`npm start\` too.`, error);
  } finally {
    await backend[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 }).catch(() => undefined);
  }
}

/** Neither watched nor asked by itself. */
function quiet({ api: _api, ...program }: DevelopmentProgram): DevelopmentProgram {
  return { ...program, watch: [] };
}

function silent(): void {}

function sourceError(run: SourceRun, seen: string, hint: string, cause: unknown): PyInstallerError {
  const { name } = run.manifest;
  return new PyInstallerError(
    'ERR_VERIFY',
    `Asking the backend ${name}, run from source, for its API: ${seen}`,
    {
      backend: name,
      file: run.configFile,
      path: `${run.configPath}.client`,
      hint,
      cause,
    },
  );
}
