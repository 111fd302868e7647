/** docs/windows.md: what the last run showed. */
import { table } from '../markdown-table.ts';
import { count, skippedByReason } from './results.ts';
import type { PartResult } from './results.ts';

/** The whole page. */
export function windowsPage(results: readonly PartResult[], versions: readonly string[]): string {
  const parts = results.map(({ part, outcomes, seconds }) => [
    part.project === 'unit' ? `\`test/${part.name}\`` : '`test/windows`',
    part.about,
    ...(['passed', 'failed', 'skipped'] as const).map((status) =>
      String(outcomes.filter((one) => one.status === status).length),
    ),
    String(Math.round(seconds)),
  ]);
  const journey = results
    .filter(({ part }) => part.project === 'windows')
    .flatMap(({ outcomes }) => outcomes)
    .map(({ test, status, reason }) => [
      test.split(' > ').slice(1).join(' > '),
      status === 'passed' ? 'run' : `**${status}**: ${reason}`,
    ]);
  const skipped = [...skippedByReason(results)].map(([reason, tests]) => [reason, String(tests.length)]);
  const failures = failuresByFile(results);
  return `# Windows, as far as Wine shows it

Written by \`npm run test:windows\` (${versions.join(', ')}).
It is Windows' own Node and Python that run here, on Wine instead of Windows: what passes
is the Windows branch of the code with real processes, pipes, job objects and files. It is not Windows itself.

${String(count(results, 'passed'))} passed, ${String(count(results, 'failed'))} failed, ${String(count(results, 'skipped'))} skipped.

## End to end

A project with four backends in a folder with spaces and umlauts. "The server" runs twice: as \`onedir\`, and as \`onefile\` with \`lifeline: 'process'\`. "What it started" is
a child (\`ping -n 600\`), the workers of a multiprocessing pool, and a grandchild whose parent has ended.

${table(['test', 'here'], journey)}

## All of it

${table(['tests', 'about', 'passed', 'failed', 'skipped', 'seconds'], parts)}
${failures.length === 0 ? '' : `\n## Failed\n\n${table(['tests of', 'failed'], failures)}\n`}
## Skipped

Each test that leaves itself out says why, in these words:

${table(['why', 'tests'], skipped)}

## What stands in for Windows

| what | here |
| --- | --- |
| \`taskkill\`, \`tasklist\`, PowerShell's list of processes | small programs that answer as those of Windows do, from the real lists: Wine's do nothing or lack what is asked of them |
| \`bcryptprimitives.dll\` | one function of it, for random numbers |
| the launcher \`Scripts\\python.exe\` of an environment | a copy of the interpreter: one process where Windows has two |
| Electron | Node in its place, as in the other tests |

## Not run

Windows itself, its virus scanner and its locks on files; Python 3.12 and newer (Wine 8 lacks functions that they call);
Electron Forge, electron-builder, npm, installers and signing: they [are run](windows-packaging.md) apart;
the end of a session; links and file modes, which Wine shows as Linux has them.
`;
}

/** Each file with failed tests, and how many. */
function failuresByFile(results: readonly PartResult[]): string[][] {
  const files = new Map<string, number>();
  for (const { test, status } of results.flatMap(({ outcomes }) => outcomes)) {
    if (status !== 'failed') continue;
    const [file = ''] = test.split(' > ');
    files.set(file, (files.get(file) ?? 0) + 1);
  }
  return [...files].map(([file, failed]) => [`\`${file}\``, String(failed)]);
}
