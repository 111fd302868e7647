import { MakerDeb } from '@electron-forge/maker-deb';
import { MakerZIP } from '@electron-forge/maker-zip';
import type { ForgeConfig } from '@electron-forge/shared-types';
import { PyInstallerPlugin } from 'electron-pyinstaller/forge';

// Where Electron's zip lies when it must not be downloaded; see README.md.
const electronZipDir = process.env['ELECTRON_ZIP_DIR'];

// xz, the default, is a little smaller and many times slower. (Its type does not know the option.)
const deb = { maintainer: 'The authors', categories: ['Utility' as const], compression: 'gzip' };

const config: ForgeConfig = {
  packagerConfig: {
    asar: true,
    executableName: 'example-app',
    // The app is what `npm run build` wrote: everything else stays out.
    ignore: (file) => file !== '' && !/^\/(build|package\.json)(\/|$)/.test(file),
    ...(electronZipDir === undefined ? {} : { electronZipDir }),
  },
  plugins: [new PyInstallerPlugin()],
  makers: [new MakerZIP({}), new MakerDeb({ options: deb })],
};

export default config;
