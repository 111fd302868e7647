import { execFile, execFileSync } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { freeze, makeBackend } from '../freeze/support/project.js';

const run = promisify(execFile);

/** Counts the authorities that HTTPS requests trust. */
const source = `
import ssl

def main():
    print(ssl.create_default_context().cert_store_stats()["x509_ca"])
`;

/** A view of the system in which OpenSSL finds no authorities, as on a machine that keeps them elsewhere. */
const hidden = 'for folder in "$1" "$2"; do mount -t tmpfs none "$folder"; done; shift 2; exec "$@"';

/** Folders in which the OpenSSL of the Python that freezes looks; null where they cannot be hidden. */
function authorityFolders(): readonly [string, string] | null {
  try {
    const printed = execFileSync(
      'python3',
      [
        '-c',
        'import ssl, os; p = ssl.get_default_verify_paths(); print(os.path.realpath(os.path.dirname(p.openssl_cafile))); print(os.path.realpath(p.openssl_capath))',
      ],
      { encoding: 'utf8' },
    );
    const [file = '', directory = ''] = printed.trim().split('\n');
    execFileSync('unshare', ['--mount', 'sh', '-c', hidden, 'sh', file, directory, 'true'], {
      stdio: 'ignore',
    });
    return [file, directory];
  } catch {
    return null;
  }
}

const folders = process.platform === 'linux' ? authorityFolders() : null;

describe.runIf(folders !== null)('a frozen program on a machine without certificate authorities', () => {
  test.each([
    ['trusts those of certifi', ['certifi'], /^[1-9]\d+$/],
    ['trusts nobody without certifi', [], /^0$/],
  ])('%s', async (_title, requirements, expected) => {
    const backend = await makeBackend(
      { 'backend/main.py': source },
      { kind: 'job', entry: { call: 'main:main' }, requirements },
    );
    const { frozen } = await freeze(backend);
    const [file, directory] = folders ?? ['', ''];
    const program = path.join(frozen.bundleDir, 'engine');
    const { stdout } = await run('unshare', ['--mount', 'sh', '-c', hidden, 'sh', file, directory, program], {
      env: { PATH: '/usr/bin:/bin' },
    });
    expect(stdout.trim()).toMatch(expected);
    // Where there are authorities, those count.
    expect((await run(program)).stdout.trim()).toMatch(/^[1-9]\d+$/);
  });
});
