/** docs/windows-packaging.md: what the last run showed. */
import { table } from '../../markdown-table.ts';
import { summary } from '../../outcomes.ts';
import type { Outcome } from '../../outcomes.ts';

/** The whole page. */
export function packagingPage(outcomes: readonly Outcome[], versions: readonly string[]): string {
  const rows = outcomes.map(({ test, status, reason }) => [
    test,
    status === 'passed' ? 'run' : `**${status}**: ${reason}`,
  ]);
  return `# Apps for Windows, packaged

Written by \`npm run test:windows -- packaging\` (${versions.join(', ')}).
The backends are frozen by Windows' own Python under Wine. A newcomer works with Windows' own Node and npm there, from \`npm install\` to the app, with a backend of FastAPI.
Besides, Electron Forge and electron-builder package on Linux what was frozen, as [\`prebuilt\`](config.md#a-backend). What comes out is unpacked or installed,
verified and started under Wine. It is not Windows itself.

${summary(outcomes)}.

${table(['test', 'here'], rows)}

## What stands in

| what | here |
| --- | --- |
| Electron | a launcher that runs Windows Node in its place; nothing of Chromium is there |
| electron-builder's bundle of NSIS | NSIS 3.08 of Debian, with its 64-bit stubs: 64-bit Wine runs no 32-bit installers. electron-builder's own scripts, with \`warningsAsErrors: false\`: they have a label that this version calls unused |
| the plug-ins StdUtils, UAC, WinShell, SpiderBanner, Nsis7z | one small library: npm, PyPI and Debian do not have the originals. Nsis7z unpacks with \`7za.exe\` |
| \`elevate.exe\` | left out by \`packElevateHelper: false\`; only updates for all users need it |
| PowerShell, which installers ask for running programs and tell to stop them, and Forge to pack a zip | a small program that does so; it packs with \`7za.exe\` |
| the commands that npm puts into \`node_modules/.bin\` | without the part of a line that the \`cmd\` of Wine skips with all that follows |
| npm's own start | tells a socket to be kept alive only when it is connected: before, Wine connects none |
| bash in the steps of the workflow | the commands in them, one by one; \`tar\` is left out |
| the downloads of Electron and of 7-Zip | the launcher, and the program of the package \`7zip-bin\` |
| a certificate and the time of known authorities | a certificate of our own, and no time; nobody checks them |

## What to know

- An installer of electron-builder ends every program that runs from the app's folder, backends too, when PowerShell may be used. \`prepareForUpdate\` before it lets
  them end in order.
- \`win.signExts: [".dll", ".pyd"]\` makes electron-builder sign the backend's libraries. Signatures are no part of the digests, so an app may be signed before or
  after its manifest is written.
- After uninstalling, electron-builder leaves its copy of the installer in \`%LOCALAPPDATA%\\<name>-updater\`, and the app's data unless \`deleteAppDataOnUninstall\` is set.

## Not run

Windows itself, bash and \`tar\` there, SmartScreen, signing services, \`signtool\`; genuine Electron for Windows; the originals of the plug-ins; installers for all users, assisted ones, MSI, Squirrel,
\`electron-updater\`; the update of an app without \`prepareForUpdate\`.
`;
}
