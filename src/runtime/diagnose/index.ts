/** What support needs to know about backends. An entry of its own: apps that do not ask for it do not carry it. */
import type { AppLike } from '../app-like.js';
import { attempt } from '../attempt.js';
import type { Backend } from '../backend.js';
import { defaultSettings } from '../default-settings.js';
import { messageOf } from '../errors.js';
import { checkIntegrity } from '../integrity/integrity.js';
import { locateFrozen, readBackend, resourcesFolder } from '../launch/locate.js';
import type { BackendGroup } from '../life/group.js';
import type { Redact } from '../log/redact.js';
import type { BackendManifest, Manifest } from '../manifest.js';
import { node } from '../node.js';
import { treeMembers } from '../process/process-table.js';
import { processTable } from '../process/process-tree.js';
import { plain, supportFiles, supportRedactor, takeNotes } from './diagnosis.js';
import type { BackendDiagnosis, BackendNote } from './diagnosis.js';
import { processUsage } from './process-usage.js';
import { zip } from './zip.js';
import type { ZipEntry } from './zip.js';

export type { BackendDiagnosis, BackendNote } from './diagnosis.js';
export type { ProcessUsage } from './process-usage.js';

/** What {@link withDiagnosis} needs; as given to `createBackend`. */
export interface DiagnosisOptions {
  /** Electron's `app`. */
  readonly app: AppLike;
  readonly manifest?: string | Manifest;
  readonly resourcesPath?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** What {@link withDiagnosis} adds to a backend. */
export interface Diagnosable {
  /**
   * What support needs to know, as plain data without secrets: versions, state, ends and why, output, integrity (checked now), memory and
   * processor time. Works in every state; rejects never.
   */
  diagnose(): Promise<BackendDiagnosis>;
  /**
   * Write the diagnosis and the log files into a ZIP archive for support, which only this user may read. Not in it: tokens, what
   * `logs.redact` matches, and values of environment variables whose names say that they are secret.
   *
   * @throws What Node says when the file cannot be written.
   */
  diagnoseArchive(path: string): Promise<void>;
}

/** What {@link withDiagnosis} adds to several backends. */
export interface DiagnosableGroup<Name extends string = string> {
  /** Of each, by name; as {@link Diagnosable.diagnose}. */
  diagnose(): Promise<Readonly<Record<Name, BackendDiagnosis>>>;
  /** One archive about all, with a folder for each; as {@link Diagnosable.diagnoseArchive}. */
  diagnoseArchive(path: string): Promise<void>;
}

const collectors = new WeakMap<object, Collector>();

/**
 * Give a backend, or a group of them, the methods `diagnose()` and `diagnoseArchive()`. What happened before is not in the history: call
 * it where the backend is made.
 *
 * @returns The same backend or group.
 * @example
 * ```ts
 * const engine = withDiagnosis(createBackend({ app, name: 'engine' }), { app });
 * const { filePath } = await dialog.showSaveDialog({ defaultPath: 'diagnostics.zip' });
 * if (filePath) await engine.diagnoseArchive(filePath);
 * ```
 */
export function withDiagnosis<Kind extends Backend>(
  backend: Kind,
  options: DiagnosisOptions,
): Kind & Diagnosable;
/** The same of several. */
export function withDiagnosis<Name extends string>(
  group: BackendGroup<Name>,
  options: DiagnosisOptions,
): BackendGroup<Name> & DiagnosableGroup<Name>;
export function withDiagnosis(
  target: Backend | BackendGroup,
  options: DiagnosisOptions,
): (Backend & Diagnosable) | (BackendGroup & DiagnosableGroup) {
  const collect = (backend: Backend): Collector => {
    const collector = new Collector(backend, options);
    collectors.set(backend, collector);
    return collector;
  };
  if (!('backends' in target)) {
    const collector = collect(target);
    return Object.assign(target, {
      diagnose: () => collector.diagnose(),
      diagnoseArchive: (file: string) => writeArchive(file, [collector]),
    });
  }
  const all = Object.entries(target.backends).map(([name, backend]) => [name, collect(backend)] as const);
  return Object.assign(target, {
    diagnose: async () => {
      const told = all.map(async ([name, collector]) => [name, await collector.diagnose()] as const);
      return Object.fromEntries(await Promise.all(told));
    },
    diagnoseArchive: (file: string) =>
      writeArchive(
        file,
        all.map(([, collector]) => collector),
      ),
  });
}

/**
 * Write one archive about several backends, with a folder for each; as {@link Diagnosable.diagnoseArchive}.
 *
 * @throws What Node says when the file cannot be written.
 */
export async function diagnoseArchive(file: string, backends: readonly Diagnosable[]): Promise<void> {
  await writeArchive(
    file,
    backends.flatMap((backend) => collectors.get(backend) ?? []),
  );
}

async function writeArchive(file: string, from: readonly Collector[]): Promise<void> {
  const files = await Promise.all(from.map((collector) => collector.files()));
  await node.fs.promises.writeFile(file, zip(files.flat()), { mode: 0o600 });
}

/** Looks at one backend from outside. */
class Collector {
  readonly #backend: Backend;
  readonly #options: DiagnosisOptions;
  readonly #notes: readonly BackendNote[];

  constructor(backend: Backend, options: DiagnosisOptions) {
    this.#backend = backend;
    this.#options = options;
    this.#notes = takeNotes(backend);
  }

  async diagnose(): Promise<BackendDiagnosis> {
    const manifest = this.#manifest();
    return plain(
      {
        versions: { ...manifest?.versions },
        status: this.#backend.status(),
        history: this.#notes,
        output: this.#backend.tail(),
        integrity: {
          level: manifest?.settings.integrity ?? defaultSettings.integrity,
          problem: manifest === null ? null : await this.#integrityProblem(manifest),
        },
        processes: await this.#processes(),
      },
      this.#redact(manifest),
    );
  }

  async files(): Promise<readonly ZipEntry[]> {
    const { settings } = this.#manifest() ?? { settings: defaultSettings };
    const file = node.path.join(this.#options.app.getPath('logs'), `${this.#backend.name}.log`);
    const { maxFiles } = settings.logs;
    return supportFiles(await this.diagnose(), { file, maxFiles }, this.#redact(this.#manifest()));
  }

  /** Null when there is none, which the last error tells. */
  #manifest(): BackendManifest | null {
    const { app, manifest } = this.#options;
    return attempt(() => readBackend({ app, manifest, env: process.env }, this.#backend.name));
  }

  #redact(manifest: BackendManifest | null): Redact {
    const { env, logs } = manifest?.settings ?? defaultSettings;
    return supportRedactor({ ...process.env, ...this.#options.env, ...env }, logs.redact);
  }

  async #integrityProblem(manifest: BackendManifest): Promise<string | null> {
    const { program, settings, name, key } = manifest;
    const { app, resourcesPath } = this.#options;
    if (program.type !== 'frozen' || settings.integrity === 'off') return null;
    try {
      const { directory, arch } = locateFrozen(program, resourcesFolder(app, resourcesPath), process.arch);
      await checkIntegrity({
        name,
        directory,
        files: program.files[arch] ?? [],
        level: settings.integrity,
        key: `${key} ${arch}`,
        // Of its own: what the supervisor remembers is the supervisor's.
        cacheFile: node.path.join(app.getPath('userData'), 'electron-pyinstaller', `${name}.diagnosis.json`),
        signal: AbortSignal.timeout(60_000),
      });
      return null;
    } catch (error) {
      return messageOf(error);
    }
  }

  async #processes(): ReturnType<typeof processUsage> {
    const { bootPid, pid } = this.#backend.status();
    if (pid === null && bootPid === null) return [];
    const list = await processTable()
      .list()
      .catch(() => []);
    const members = attempt(() => treeMembers(list, { child: bootPid, python: pid }, () => null)) ?? [];
    return processUsage(members.map((entry) => entry.pid));
  }
}
