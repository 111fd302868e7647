import { MakerDeb } from '@electron-forge/maker-deb';
import { MakerZIP } from '@electron-forge/maker-zip';
import type { ForgeConfig } from '@electron-forge/shared-types';
import { PyInstallerPlugin } from 'electron-pyinstaller/forge';

// Where Electron's zip lies when it must not be downloaded; see README.md.
const electronZipDir = process.env['ELECTRON_ZIP_DIR'];

const config: ForgeConfig = {
  packagerConfig: {
    asar: true,
    executableName: 'example-app',
    // The app is what `npm run build` wrote: everything else stays out.
    ignore: (file) => file !== '' && !/^\/(build|package\.json)(\/|$)/.test(file),
    ...(electronZipDir === undefined ? {} : { electronZipDir }),
  },
  plugins: [new PyInstallerPlugin()],
  makers: [
    new MakerZIP({}),
    new MakerDeb({ options: { maintainer: 'The authors', categories: ['Utility'] } }),
  ],
};

export default config;
