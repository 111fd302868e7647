import type { FrozenBackend } from '../../bundle/frozen.js';
import type { FrozenProgram } from '../../runtime/manifest.js';

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
