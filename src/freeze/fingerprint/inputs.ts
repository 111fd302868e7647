import path from 'node:path';
import type { ResolvedBackend } from '../../config/resolved.js';
import type { PresetAddition } from '../../config/presets/types.js';
import type { PythonEnvironment } from '../../python/types.js';
import { targetName } from '../../target.js';
import { canonicalJson, type Json } from '../../lib/canonical.js';
import { sha256 } from '../../lib/hash.js';

/**
 * Everything a bundle depends on: a name for people → a digest or short text. The key is the digest of all of them; two
 * of these compared say why a bundle was made anew.
 */
export type Inputs = Readonly<Record<string, string>>;

/** A file the bundle depends on, under the name it has in {@link Inputs}. */
export interface InputFile {
  readonly name: string;
  /** Absolute. */
  readonly file: string;
  /** SHA-256 of its content. */
  readonly digest: string;
  readonly isExecutable: boolean;
  /** Collected as data, or by its name no code: unless what is in it says otherwise, PyInstaller would only copy it. */
  readonly isData: boolean;
}

/** Digest of all inputs, lower-case hexadecimal. */
export function fingerprintKey(inputs: Inputs): string {
  return sha256(canonicalJson(inputs));
}

/** Put the inputs together. Pure: whatever must be read has been read. */
export function collectInputs(facts: {
  readonly backend: ResolvedBackend;
  readonly environment: PythonEnvironment;
  readonly libraryDigest: string | null;
  readonly presets: readonly PresetAddition[];
  readonly files: readonly (Pick<InputFile, 'name' | 'digest'> & Partial<InputFile>)[];
  readonly variables: Readonly<Record<string, string>>;
  readonly packageVersion: string;
  readonly companionDigest: string;
}): Inputs {
  const { backend, environment } = facts;
  const { probe } = environment;
  const rows: [string, string][] = [
    ['electron-pyinstaller', `${facts.packageVersion} ${facts.companionDigest}`],
    ['target', targetName(backend.target)],
    [
      'interpreter',
      `${probe.implementation} ${probe.version.join('.')} ${probe.soabi} ${probe.machine} ${facts.libraryDigest ?? 'static'}`,
    ],
    ['pyinstaller', environment.pyinstallerVersion],
    ['pyinstaller-hooks-contrib', environment.hooksVersion],
    ...environment.distributions.map(({ name, version, recordDigest }): [string, string] => [
      `package ${name}`,
      `${version} ${recordDigest}`,
    ]),
    ...Object.entries(freezeSettings(backend)).map(([name, value]): [string, string] => [
      `setting ${name}`,
      shortText(value),
    ]),
    ...facts.presets.map((preset): [string, string] => [
      `preset ${preset.name}`,
      shortText(preset as unknown as Json),
    ]),
    ...facts.files.map(({ name, digest, isExecutable = false }): [string, string] => [
      name,
      isExecutable ? `${digest} executable` : digest,
    ]),
    ...Object.entries(facts.variables).map(([name, value]): [string, string] => [`variable ${name}`, value]),
  ];
  return Object.fromEntries(rows.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function shortText(value: Json): string {
  const text = canonicalJson(value);
  return text.length <= 200 ? text : sha256(text);
}

/**
 * The part of the configuration that changes the bundle. Paths are relative to the project, so that the same project in
 * another folder has the same key. What only the runtime or the verification reads is not in it.
 */
export function freezeSettings(backend: ResolvedBackend): Readonly<Record<string, Json>> {
  const relative = (file: string): string => projectPath(backend.projectDir, file);
  const { pyinstaller, entry, licenses } = backend;
  return {
    name: backend.name,
    kind: backend.kind,
    entry: 'file' in entry ? { type: entry.type, file: relative(entry.file) } : { ...entry },
    source: backend.source.map(relative),
    hiddenImports: backend.hiddenImports.map(({ name, optional }) => ({ name, optional })),
    collect: Object.fromEntries(
      Object.entries(backend.collect).map(([kind, names]) => [
        kind,
        names.map(({ name, optional }: { name: string; optional: boolean }) => ({ name, optional })),
      ]),
    ),
    ownDistribution: backend.ownDistribution,
    excludes: backend.excludes,
    // Only what is written into the bundle.
    ...(licenses.file === null ? {} : { licenses: { file: licenses.file, clarify: licenses.clarify } }),
    ...prefixed('pyinstaller', {
      ...pyinstaller,
      // The version that is installed counts, not the range that allowed it.
      version: '',
      hooks: pyinstaller.hooks.map(relative),
      hooksConfig: pyinstaller.hooksConfig as Json,
      runtimeHooks: pyinstaller.runtimeHooks.map(relative),
      paths: pyinstaller.paths.map(relative),
      icon: pyinstaller.icon === null ? null : relative(pyinstaller.icon),
      manifest: pyinstaller.manifest === null ? null : relative(pyinstaller.manifest),
      entitlements: pyinstaller.entitlements === null ? null : relative(pyinstaller.entitlements),
      versionInfo:
        typeof pyinstaller.versionInfo === 'string'
          ? relative(pyinstaller.versionInfo)
          : pyinstaller.versionInfo,
    }),
  };
}

function prefixed(prefix: string, values: Readonly<Record<string, Json>>): Record<string, Json> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}.${name}`, value]));
}

/** A path as the fingerprint knows it: relative to the project, `/` as separator, also when it lies outside. */
export function projectPath(projectDir: string, file: string): string {
  return path.relative(projectDir, file).replaceAll('\\', '/');
}
