import path from 'node:path';
import { unpackOnefile } from '../../bundle/archive/unpack-onefile.js';
import type { PrivatePlace } from '../private-place.js';
import type { Subject } from '../subject.js';

/** A program in a place, of which something can be lent: its files lie in a folder. */
export interface Placed {
  readonly subject: Subject;
  readonly place: PrivatePlace;
}

/**
 * A onefile program as one of a folder, beside its own place: it unpacks its files elsewhere at each start, where nothing can be laid
 * beside them.
 *
 * @returns null where that cannot be: macOS would not start a changed program.
 */
export async function asFolder({ subject, place }: Placed): Promise<Placed | null> {
  const { program, target, manifest, context } = subject;
  if (program.mode !== 'onefile') return { subject, place };
  if (target.platform === 'darwin') return null;
  const directory = `${path.basename(place.bundle)} unpacked`;
  const bundle = path.join(place.resources, directory);
  const contents = await unpackOnefile(path.join(place.bundle, program.executable), bundle);
  if (contents === null) return null;
  const folder = {
    ...program,
    mode: 'onedir',
    directories: { [target.arch]: directory },
    contents,
    // The program is another one, and nothing of it is shipped.
    files: {},
  } as const;
  return {
    subject: {
      ...subject,
      program: folder,
      manifest: { ...manifest, program: folder },
      context: {
        ...context,
        bundle: { folders: [bundle], contents, has: context.bundle?.has ?? (() => false) },
      },
    },
    place: { ...place, bundle, linked: new Set(), changes: async () => [] },
  };
}
