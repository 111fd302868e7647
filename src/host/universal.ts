import type { FrozenBackend } from '../freeze/types.js';
import type { BackendManifest, FrozenProgram, Manifest } from '../runtime/manifest.js';

/**
 * Give each architecture's bundle its own folder, `<name>-<arch>`. A macOS universal app carries both: joining two
 * separately frozen programs is unsafe, because PyInstaller appends its archive to the executable.
 */
export function separateFolders(frozen: readonly FrozenBackend[]): FrozenBackend[] {
  return frozen.map((one) => {
    const { program } = one.manifest;
    if (program.type !== 'frozen') return one;
    const { arch } = one.backend.target;
    const separate: FrozenProgram = { ...program, directories: { [arch]: `${one.backend.name}-${arch}` } };
    return { ...one, manifest: { ...one.manifest, program: separate } };
  });
}

/**
 * Join the manifests of the architectures of one app: folders and digests are listed per architecture, everything else
 * is the same.
 */
export function mergeManifests(manifests: readonly Manifest[]): Manifest {
  const backends: Record<string, BackendManifest> = {};
  let version: Manifest['version'] | undefined;
  for (const manifest of manifests) {
    version ??= manifest.version;
    for (const [name, backend] of Object.entries(manifest.backends)) {
      const known = backends[name];
      backends[name] = known === undefined ? backend : mergeBackends(known, backend);
    }
  }
  return { version: version ?? 1, backends };
}

function mergeBackends(first: BackendManifest, second: BackendManifest): BackendManifest {
  if (first.program.type !== 'frozen' || second.program.type !== 'frozen') return first;
  return {
    ...first,
    key: first.key === second.key ? first.key : `${first.key}+${second.key}`,
    program: {
      ...first.program,
      directories: { ...first.program.directories, ...second.program.directories },
      files: { ...first.program.files, ...second.program.files },
    },
  };
}
