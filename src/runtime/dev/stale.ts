import { BackendError, starting } from '../errors.js';
import { isObject } from '../is-object.js';
import type { BackendManifest, PreparedFrom } from '../manifest.js';
import { node } from '../node.js';

/** Where a configuration may stand in package.json, whose other keys change at any time. */
const packageKeys = ['pyinstaller', 'build', 'config'];

/**
 * Digest of what a file says about backends; null: it is not there. Hosts write it into the development manifest, and the
 * runtime takes it again.
 */
export function configDigest(file: string): string | null {
  try {
    return node.crypto.createHash('sha256').update(relevantText(file)).digest('hex');
  } catch {
    return null;
  }
}

function relevantText(file: string): string {
  const text = node.fs.readFileSync(file, 'utf8');
  if (node.path.basename(file) !== 'package.json') return text;
  const value: unknown = JSON.parse(text);
  return JSON.stringify(packageKeys.map((key) => (isObject(value) ? (value[key] ?? null) : null)));
}

/**
 * Refuse a development manifest that was made from another configuration than the one that is there now. A file that is edited
 * while the app runs is left for its next run.
 *
 * @throws BackendError `E_MANIFEST` naming the file and what to run.
 */
export function refuseStale(
  { name, program }: BackendManifest,
  beganMs: number = performance.timeOrigin,
): void {
  const prepared = program.type === 'development' ? program.prepared : undefined;
  const changed = prepared?.files.find(({ file, digest }) => isChanged(file, digest, beganMs));
  if (prepared === undefined || changed === undefined) return;
  throw new BackendError(
    'E_MANIFEST',
    `${starting(name)}: ${changed.file} has changed since the backend was made ready for development`,
    { hint: `Run \`${prepared.command}\`, which reads it again.` },
  );
}

function isChanged(file: string, digest: PreparedFrom['files'][number]['digest'], beganMs: number): boolean {
  const changedMs = node.fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  if (changedMs !== undefined && changedMs >= beganMs) return false;
  return configDigest(file) !== digest;
}
