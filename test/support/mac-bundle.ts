import { chmod, symlink } from 'node:fs/promises';
import path from 'node:path';
import { writeFiles } from './files.js';
import { windowsProgram } from './foreign.js';
import { fatFile, javaClass, machFile, signMach } from './mach.js';

/** Folder of the current version of Python's framework. */
export const version = '_internal/Python.framework/Versions/3.13';
/** A module of C. */
export const extension = '_internal/a/_x.cpython-313-darwin.so';
/** As PyInstaller signs. */
export const signed = (type: 'executable' | 'library'): Buffer =>
  signMach(machFile({ type }), { kind: 'adhoc' });

/** The end of a program of PyInstaller, as far as it names the folder of its files and the library of Python. */
export function archive(library: string): Buffer {
  const option = 'pyi-contents-directory _internal';
  const entry = Buffer.alloc(18 + option.length);
  entry.writeUInt32BE(entry.length, 0);
  entry.write('o', 17);
  entry.write(option, 18);
  const cookie = Buffer.alloc(88);
  cookie.write('MEI\x0c\x0b\x0a\x0b\x0e', 0, 'latin1');
  cookie.writeUInt32BE(entry.length + cookie.length, 8);
  cookie.writeUInt32BE(entry.length, 16);
  cookie.writeUInt32BE(313, 20);
  cookie.write(library, 24);
  return Buffer.concat([entry, cookie]);
}

/** A bundle for macOS with a framework, as PyInstaller collects it. */
export async function macBundle(): Promise<string> {
  const program = Buffer.concat([machFile({ type: 'executable' }), archive('Python')]);
  const folder = await writeFiles({
    '_internal/data/A.class': javaClass(),
    engine: signMach(program, { kind: 'adhoc' }),
    [`${version}/Python`]: fatFile([signed('library'), machFile({ arch: 'x64' })]),
    [`${version}/Resources/Info.plist`]: '<plist/>',
    [extension]: signed('library'),
    '_internal/base_library.zip': 'PK',
    '_internal/data/windows.dll': windowsProgram(),
  });
  await chmod(path.join(folder, 'engine'), 0o755);
  const framework = path.join(folder, '_internal/Python.framework');
  await symlink('3.13', path.join(framework, 'Versions/Current'));
  await symlink('Versions/Current/Python', path.join(framework, 'Python'));
  await symlink('Versions/Current/Resources', path.join(framework, 'Resources'));
  await symlink('Python.framework/Versions/3.13/Python', path.join(folder, '_internal/Python'));
  return folder;
}
