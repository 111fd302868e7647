import { chmod } from 'node:fs/promises';
import path from 'node:path';
import { writeFiles } from './files.js';
import { machFile, signMach } from './mach.js';

/** The head of a 64-bit console program for Windows. */
export function windowsProgram(): Buffer {
  const file = Buffer.alloc(1024);
  file.write('MZ', 0, 'latin1');
  file.writeUInt32LE(64, 0x3c);
  file.write('PE\0\0', 64, 'latin1');
  file.writeUInt16LE(0x8664, 68);
  file.writeUInt16LE(0, 70);
  file.writeUInt16LE(240, 84);
  file.writeUInt16LE(0x22, 86);
  const optional = 88;
  file.writeUInt16LE(0x20b, optional);
  file.writeUInt16LE(3, optional + 68); // console
  file.writeUInt32LE(16, optional + 108);
  return file;
}

/**
 * Bundles for other systems, as if frozen there: programs by their headers, a library, a data file. Below `folder`, one folder
 * per target.
 *
 * @returns the value of `prebuilt` for a configuration
 */
export async function foreignBundles(folder: string, program = 'engine'): Promise<Record<string, string>> {
  const bundles: Record<string, string> = {};
  for (const arch of ['x64', 'arm64'] as const) {
    const target = `darwin-${arch}`;
    const bundle = path.join(folder, target);
    await writeFiles(
      {
        [program]: signMach(machFile({ arch, type: 'executable' }), { kind: 'adhoc' }),
        '_internal/libpython3.11.dylib': signMach(machFile({ arch }), { kind: 'adhoc' }),
        '_internal/base_library.zip': 'PK',
        '_internal/config/app.json': `{"arch":"${arch}"}`,
      },
      bundle,
    );
    await chmod(path.join(bundle, program), 0o755);
    bundles[target] = bundle;
  }
  const windows = path.join(folder, 'win32-x64');
  await writeFiles(
    {
      [`${program}.exe`]: windowsProgram(),
      '_internal/_ssl.pyd': windowsProgram(),
      '_internal/python311.dll': windowsProgram(),
      '_internal/base_library.zip': 'PK',
    },
    windows,
  );
  bundles['win32-x64'] = windows;
  return bundles;
}

/** The least of Electron's distribution for macOS that packagers accept; nothing in it runs. */
export async function foreignElectron(folder: string): Promise<string> {
  const plist = (name: string) => `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
<key>CFBundleExecutable</key><string>${name}</string>
<key>CFBundleIdentifier</key><string>com.github.electron</string>
<key>CFBundleName</key><string>${name}</string>
<key>CFBundleIconFile</key><string>electron.icns</string>
</dict></plist>
`;
  const contents = 'Electron.app/Contents';
  const files: Record<string, string> = {
    [`${contents}/Info.plist`]: plist('Electron'),
    [`${contents}/MacOS/Electron`]: '#!/bin/sh\n',
    [`${contents}/Resources/electron.icns`]: '',
    [`${contents}/Frameworks/Electron Framework.framework/Versions/A/Resources/Info.plist`]:
      plist('Electron Framework'),
    version: '',
    LICENSE: '',
  };
  for (const suffix of ['', ' (Renderer)', ' (GPU)', ' (Plugin)']) {
    const helper = `Electron Helper${suffix}`;
    files[`${contents}/Frameworks/${helper}.app/Contents/Info.plist`] = plist(helper);
    files[`${contents}/Frameworks/${helper}.app/Contents/MacOS/${helper}`] = '#!/bin/sh\n';
  }
  await writeFiles(files, folder);
  for (const file of Object.keys(files)) {
    if (file.includes('/MacOS/')) await chmod(path.join(folder, file), 0o755);
  }
  return folder;
}
