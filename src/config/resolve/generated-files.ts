import path from 'node:path';
import type { ResolvedBackend } from '../resolved.js';

/**
 * Leave the types that are written for the backends out of their sources: made of the program, they are no part of it, and
 * to write them must neither restart it nor freeze it anew.
 */
export function ignoringTypes(backends: readonly ResolvedBackend[]): ResolvedBackend[] {
  const files = backends.flatMap(({ client }) => (client === null ? [] : [client.output, client.document]));
  return backends.map((backend) => {
    const globs = backend.source.flatMap((root) =>
      files.flatMap((file) => {
        const relative = path.relative(root, file).replaceAll(path.sep, '/');
        return relative.startsWith('../') || path.isAbsolute(relative) ? [] : [literalGlob(relative)];
      }),
    );
    return globs.length === 0 ? backend : { ...backend, sourceIgnore: [...backend.sourceIgnore, ...globs] };
  });
}

function literalGlob(relative: string): string {
  return relative.replace(/[*?[\]{}\\!]/g, String.raw`\$&`);
}
