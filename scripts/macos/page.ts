/** docs/macos.md: what the last run showed. */
import { table } from '../markdown-table.ts';
import { summary } from '../outcomes.ts';
import type { Outcome } from '../outcomes.ts';

/** The whole page. */
export function macosPage(outcomes: readonly Outcome[], versions: readonly string[]): string {
  const rows = outcomes.map(({ test, status, reason }) => [
    test,
    status === 'passed' ? 'run on Linux' : `**${status}**: ${reason}`,
  ]);
  return `# macOS, as far as Linux shows it

Written by \`npm run test:macos\` (${versions.join(', ')}).
The files are real Mach-O files of real packages: PyInstaller's bootloader and archive, CPython as a framework, numpy, pydantic-core and cryptography (a universal library),
put together as PyInstaller does it on a Mac. They are placed, listed, signed and verified by Linux. Nothing of them was started, and Apple's own tools saw none of it.

${summary(outcomes)}.

${table(['test', 'here'], rows)}

## What stands in

| what | here |
| --- | --- |
| \`codesign\` | \`rcodesign\`, with a certificate of its own |
| Electron for macOS | a folder with the same layout, without programs of Mach-O |
| the merge of two architectures | \`@electron/universal\` of electron-builder, without its question whether this is macOS |
| PyInstaller on a Mac | the bundle is put together of the same parts, with PyInstaller's own code for the program |

## Not run

A Mac: starting any of it; Apple's \`codesign\`, Gatekeeper and notary; \`dmg\`; genuine Electron for macOS; freezing there.
`;
}
