import { folderNames, universalGlob } from '../shared/mac-signing.js';
import type { Manifest } from '../../runtime/manifest.js';
import type { PlatformOptions } from './context.js';
import { escapeRegExp } from '../../lib/text.js';

/**
 * Adapt the `mac` section: no `codesign` call for the thousands of files in a backend that are not programs, and both
 * architectures' folders left alone when a universal app is joined.
 *
 * @param options - the section; changed
 * @param isVersion27 - version 27 moved both settings
 */
export function adaptMacOptions(
  options: PlatformOptions,
  manifest: Manifest,
  universal: boolean,
  isVersion27: boolean,
): void {
  const pattern = signIgnorePattern(manifest);
  if (isVersion27) {
    const sign = options.sign;
    if (sign === undefined || sign === null || (typeof sign === 'object' && !Array.isArray(sign))) {
      const section = (sign ?? {}) as { ignore?: string | string[] | null };
      options.sign = { ...section, ignore: withPattern(section.ignore, pattern) };
    }
  } else {
    options.signIgnore = withPattern(options.signIgnore, pattern);
  }
  if (!universal) return;
  const names = Object.keys(manifest.backends);
  if (isVersion27) {
    const existing = options.universal?.x64ArchFiles ?? undefined;
    const glob = universalGlob(names, existing);
    options.universal = { ...options.universal, ...(glob === undefined ? {} : { x64ArchFiles: glob }) };
  } else {
    const glob = universalGlob(names, options.x64ArchFiles ?? undefined);
    if (glob !== undefined) options.x64ArchFiles = glob;
  }
}

const begin = '/Contents/Resources/(?:';

function withPattern(existing: string | string[] | null | undefined, pattern: string): string[] {
  const list = existing === undefined || existing === null ? [] : [existing].flat();
  // One of ours from an earlier pack of the same run is replaced.
  return [...list.filter((one) => !one.startsWith(begin)), pattern];
}

/**
 * A regular expression for everything inside the backends that needs no signature of its own: all but Mach-O files and
 * bundles (`.framework`, `.app`). Not being signed one by one, those files are still sealed by the app's signature.
 */
export function signIgnorePattern(manifest: Manifest): string {
  const folders: string[] = [];
  const programs: string[] = [];
  for (const [name, { program }] of Object.entries(manifest.backends)) {
    folders.push(...folderNames(name).map(escapeRegExp));
    if (program.type !== 'frozen') continue;
    for (const files of Object.values(program.files)) {
      for (const file of files) {
        if (file.type === 'file' && file.algorithm.startsWith('mach-o'))
          programs.push(escapeRegExp(file.path));
      }
    }
  }
  const keep = [...new Set(programs), '[^\\n]*\\.(?:framework|app)'].join('|');
  return `${begin}${folders.join('|')})/(?!(?:${keep})$)`;
}
