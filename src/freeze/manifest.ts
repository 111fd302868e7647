import type { ResolvedBackend } from '../config/resolved.js';
import { unpackedBundle } from '../bundle/index.js';
import { PyInstallerError } from '../errors.js';
import {
  manifestVersion,
  type BackendManifest,
  type RuntimeSettings,
  type FrozenProgram,
  type Manifest,
} from '../runtime/manifest.js';
import type { StoredResult } from './cache/store.js';
import type { FrozenBackend } from '../bundle/frozen.js';

/** What the runtime will read about a bundle. Settings come from the configuration of today, digests from the bundle. */
export function backendManifest(backend: ResolvedBackend, result: StoredResult): BackendManifest {
  const { arch, platform } = backend.target;
  return {
    name: backend.name,
    kind: backend.kind,
    companion: result.companion,
    key: result.key,
    versions: result.versions,
    settings: result.mode === 'onefile' ? settingsOfOneFile(backend, result) : backend.settings,
    program: {
      type: 'frozen',
      mode: result.mode,
      platform,
      directories: { [arch]: backend.name },
      executable: result.executable,
      ...(result.contents === undefined || result.contents === '.' ? {} : { contents: result.contents }),
      files: { [arch]: result.files },
    },
  };
}

/** Where a program in one file lies unpacked, its companion tells; there is none in that of a spec, or in a prebuilt one. */
function settingsOfOneFile(
  { name, settings, configFile, configPath }: ResolvedBackend,
  { companion }: StoredResult,
): RuntimeSettings {
  const { args, env, cwd } = settings;
  const placeholder = '{bundle}';
  const fill = (text: string): string => text.replaceAll(placeholder, unpackedBundle);
  const isNamed = [...args, ...Object.values(env)].some((text) => text.includes(placeholder));
  if (cwd?.includes(placeholder) || (companion === 'none' && isNamed))
    throw new PyInstallerError(
      'ERR_CONFIG',
      `Freezing backend ${name}: {bundle} has no value, because the program is one file, which unpacks itself into another folder at each start.`,
      {
        backend: name,
        file: configFile,
        path: `${configPath}.run`,
        hint: 'Ask for the file in the code (`sys._MEIPASS` is the folder), or make a folder of the program.',
      },
    );
  return {
    ...settings,
    args: args.map(fill),
    env: Object.fromEntries(Object.entries(env).map(([key, value]) => [key, fill(value)])),
  };
}

/**
 * Put the manifests of frozen backends into the one file that goes into the app. The same backend frozen for two
 * architectures becomes one entry with both, in folders `<name>-<arch>`.
 *
 * @throws PyInstallerError `ERR_TARGET` when one name is frozen twice for the same architecture, or for two platforms.
 */
export function createManifest(frozen: readonly FrozenBackend[]): Manifest {
  const groups = new Map<string, FrozenBackend[]>();
  for (const one of frozen) groups.set(one.manifest.name, [...(groups.get(one.manifest.name) ?? []), one]);
  return {
    version: manifestVersion,
    backends: Object.fromEntries([...groups].map(([name, group]) => [name, merge(name, group)])),
  };
}

function merge(name: string, group: readonly FrozenBackend[]): BackendManifest {
  const [first] = group;
  if (first === undefined) throw new Error(`no bundle for ${name}`);
  if (group.length === 1) return first.manifest;
  const programs = group.map((one) => frozenProgram(one));
  const [program] = programs as [FrozenProgram];
  const archs = programs.flatMap((one) => Object.keys(one.files));
  if (new Set(archs).size !== archs.length || programs.some((one) => one.platform !== program.platform)) {
    throw new PyInstallerError(
      'ERR_TARGET',
      `Making the manifest: backend ${name} was frozen for ${programs
        .map((one) => `${one.platform} ${Object.keys(one.files).join('+')}`)
        .join(' and ')}.`,
      { backend: name, hint: 'One app has one platform, and each architecture once.' },
    );
  }
  return {
    ...first.manifest,
    program: {
      ...program,
      directories: Object.fromEntries(archs.map((arch) => [arch, `${name}-${arch}`])),
      files: Object.fromEntries(programs.flatMap((one) => Object.entries(one.files))),
    },
  };
}

function frozenProgram(one: FrozenBackend): FrozenProgram {
  const { program } = one.manifest;
  if (program.type === 'frozen') return program;
  throw new PyInstallerError(
    'ERR_TARGET',
    `Making the manifest: backend ${one.manifest.name} is not frozen.`,
    {
      backend: one.manifest.name,
    },
  );
}
