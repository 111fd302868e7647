import type { Backend } from '../backend.js';
import { rotatedName } from '../log/log-file.js';
import { createRedactor, redacted } from '../log/redact.js';
import type { Redact } from '../log/redact.js';
import type { BackendStatus } from '../life/status.js';
import { node } from '../node.js';
import type { ProcessUsage } from './process-usage.js';
import type { ZipEntry } from './zip.js';

const noted = ['state', 'exit', 'restarting', 'failed'] as const;

/** What is kept of the past. */
const maxNotes = 200;

/** What happened: a change of state, an end (`exit`), or why it is tried again (`restarting`) or not any more (`failed`). */
export interface BackendNote {
  /** Wall-clock milliseconds. */
  readonly at: number;
  readonly event: (typeof noted)[number];
  /** What the event carries, without output. */
  readonly [key: string]: unknown;
}

/** What support needs to know about a backend, as plain data: secrets are removed, and nothing of the environment is in it. */
export interface BackendDiagnosis {
  /** When it was made, in ISO 8601. */
  readonly at: string;
  /**
   * Of this package (`package`), Python, PyInstaller, Electron, Node, the system and the processor, as far as they are known; `builtFor`:
   * what packages ask of the processor.
   */
  readonly versions: Readonly<Record<string, string | Readonly<Record<string, string>> | undefined>>;
  /** State, address with its port, process ids, last error. */
  readonly status: BackendStatus;
  /** Changes of state, ends and why: the last 200, oldest first. */
  readonly history: readonly BackendNote[];
  /** Last lines of output. */
  readonly output: readonly string[];
  /** How its files are checked (`integrity` of the settings), and what is wrong with them now; null: nothing, or nothing is checked. */
  readonly integrity: { readonly level: string; readonly problem: string | null };
  /** Memory and processor time of its living processes, and of those they started. */
  readonly processes: readonly ProcessUsage[];
}

/** Note what happens from now on. */
export function takeNotes(backend: Pick<Backend, 'on'>): readonly BackendNote[] {
  const notes: BackendNote[] = [];
  for (const event of noted)
    backend.on(event, (payload) => {
      notes.push({ at: Date.now(), event, ...payload });
      if (notes.length > maxNotes) notes.shift();
    });
  return notes;
}

/** As plain data, without secrets. */
export function plain(found: Omit<BackendDiagnosis, 'at'>, redact: Redact): BackendDiagnosis {
  const { electron, node: nodeVersion } = process.versions as Readonly<Record<string, string | undefined>>;
  const system = `${node.os.type()} ${node.os.release()} ${process.arch}`;
  const versions = {
    ...found.versions,
    electron,
    node: nodeVersion,
    system,
    processor: node.os.cpus()[0]?.model,
  };
  // Text by text: a pattern must not take the quotes around it away. The output stands there once.
  return JSON.parse(
    JSON.stringify({ at: new Date().toISOString(), ...found, versions }, (key, value: unknown) =>
      key === 'tail' ? [] : typeof value === 'string' ? redact(value) : value,
    ),
  ) as BackendDiagnosis;
}

/** Environment variables that hold secrets, by their names. */
const secretName = /key|token|secret|pass|cred|auth|dsn/i;

/** Shorter values are no secrets, and would be found everywhere. */
const minSecretLength = 8;

/** Removes what the log's redaction removes, and values of environment variables whose names say that they are secret. */
export function supportRedactor(
  env: Readonly<Record<string, string | undefined>>,
  patterns: readonly string[],
): Redact {
  const redact = createRedactor([], patterns);
  const secrets = Object.entries(env)
    .flatMap(([name, value = '']) =>
      secretName.test(name) && value.length >= minSecretLength ? [value] : [],
    )
    // One may be the beginning of another.
    .toSorted((a, b) => b.length - a.length);
  return (text) => secrets.reduce((rest, secret) => rest.replaceAll(secret, redacted), redact(text));
}

/** The files of an archive for support: a diagnosis, and the log. */
export async function supportFiles(
  told: BackendDiagnosis,
  log: { readonly file: string; readonly maxFiles: number },
  redact: Redact,
): Promise<readonly ZipEntry[]> {
  const { name } = told.status;
  const files: ZipEntry[] = [{ name: `${name}/diagnosis.json`, text: JSON.stringify(told, null, 2) }];
  for (let index = 0; index < log.maxFiles; index++) {
    const text = await node.fs.promises.readFile(rotatedName(log.file, index), 'utf8').catch(() => '');
    if (text !== '')
      files.push({
        name: `${name}/${rotatedName(`${name}.log`, index)}`,
        text: text.split('\n').map(redact).join('\n'),
      });
  }
  return files;
}
