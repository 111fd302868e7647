/** Makes the text of docs/reliability*.md from what a run measured. Pure. */
import type { ReliabilityRow } from '../../test/runtime/faults/rows.ts';
import { table } from '../markdown-table.ts';
import { faultPage, faultPages, soakNumber } from './fault-pages.ts';
import { type Lag, type LagResult, lastTries, type Machine, type Measured } from './measured.ts';
import { invariants, notRun, places } from './statements.ts';

function soakTable(rows: readonly ReliabilityRow[]): string {
  const soak = rows.filter(({ number }) => number === soakNumber);
  const head = ['program', 'before', 'after the starts', 'after the crashes', 'left'];
  const strip = (text: string): string => text.replace(/^[a-z ]+: /, '');
  return `${soak[0]?.injected ?? ''}. Expected: ${soak[0]?.expected ?? ''}.

${table(
  head,
  soak.map(({ program, measured }) => {
    const [before = '', middle = '', after = '', ...left] = measured.split('; ');
    return [program, strip(before), strip(middle), strip(after), left.join(', ')];
  }),
)}`;
}

/** What limits of time were multiplied with (mean of the last 15 minutes). */
function stretch({ load, processors }: Machine): number {
  return Math.max(1, Number(load.split(', ')[2]) / Number.parseInt(processors, 10));
}

const ms = (value: number): string => `${value.toFixed(1)} ms`;
const lagRow = (label: string, { p50, p90, max }: Lag, verdict: string): readonly string[] => [
  label,
  ms(p50),
  ms(p90),
  ms(max),
  verdict,
];
const link = (file: string): string => `[${file}](../${file})`;

/** Limits of the readiness lag, in milliseconds. */
const wanted = { p50: 5, p90: 12 };

function verdict({ announced, ratio }: LagResult): string {
  const isMet = announced.p50 <= wanted.p50 && announced.p90 <= wanted.p90;
  return `${isMet ? 'met' : '**not met**'}; ${ratio.toFixed(0)} times sooner than by asking (p50)`;
}

const invariantsFile = 'reliability-invariants.md';
const head = '<!-- Written by scripts/reliability.ts from a run: npm run reliability. Do not edit. -->\n';

/** The pages in docs/ by their names. */
export function reliabilityPages(measured: Measured): Readonly<Record<string, string>> {
  const rows = lastTries(measured.rows);
  return {
    'reliability.md': head + overview(measured, rows),
    ...Object.fromEntries(faultPages.map((page) => [page.file, head + faultPage(page, rows)])),
    [invariantsFile]: head + invariantsPage(measured, rows),
  };
}

function overview(measured: Measured, rows: readonly ReliabilityRow[]): string {
  const { machine, versions, lag, undisturbed, passed, skipped } = measured;
  const again = rows.filter(({ attempt }) => attempt > 1);
  return `# Reliability

What was done to real backends, and what they did. Each fault is injected into three programs made of one application
(${link('test/fixtures/runtime/faults.py')}): run from source as in development, and frozen by PyInstaller as onedir and as onefile.

| what | page |
| --- | --- |
${faultPages.map(({ file, title, about }) => `| [${title}](${file}) | ${about} |`).join('\n')}
| [Invariants, tokens, attacks](${invariantsFile}) | What always holds, and where it is asserted; what was not run here |
| [Soak](#soak), [time until readiness is known](#time-until-readiness-is-known) | below |

Every line comes from a test with the limits of the column "expected"; the run that wrote these pages was complete: ${passed} tests passed, none failed${skipped > 0 ? `, ${skipped} skipped` : ''}.
Limits of time are stretched by the load when more programs want to run than there are processors (at the end of this run ${stretch(machine).toFixed(1)} times);
figures are as measured, so some are above the limit that holds on a quiet machine. The numbers are those of the test plan;
21 (end of a session) is among [what was not run](${invariantsFile}#not-run-here).

${table(
  ['machine', ''],
  [
    ['processors', machine.processors],
    ['memory', machine.memory],
    ['system', machine.system],
    ['Node.js', machine.node],
    ['Python and PyInstaller of the frozen programs', `${versions.python}, ${versions.pyinstaller}`],
    ['load when it ended (1, 5, 15 minutes)', machine.load],
    ['date', measured.date],
  ],
)}
${
  again.length === 0
    ? '\nNo test needed a second try.\n'
    : `\nPassed at the second try only: ${again.map(({ number, program }) => `${number} (${program})`).join(', ')}.\n`
}
## Soak

26: ${soakTable(rows)}

A process of its own plays the app, so that the figures are those of the runtime. The heap is measured after garbage collection.
The RSS grows once, when V8 enlarges its heap, and stays: in 720 starts of a program in development, measured apart from this run, it was 80 MiB after 20,
84 after 120, 103 after 220, 105 after 420 and 108 after 720, with 8.4, 8.6, 7.5, 7.6 and 7.7 MiB of heap in use.

## Time until readiness is known

${lag.rounds} starts each, in turn, of one application: milliseconds from the moment its socket listens until \`start()\` resolves, and until an app
that asks every 100 ms has its first answer (${link('bench/ready-lag.ts')}, \`npm run bench\`). Wanted: p50 ≤ ${wanted.p50} ms and p90 ≤ ${wanted.p90} ms.

${table(
  ['', 'p50', 'p90', 'longest', 'wanted'],
  [
    ...undisturbed.flatMap((batch, index) => [
      lagRow(`announced, undisturbed, batch ${index + 1}`, batch.announced, verdict(batch)),
      lagRow(`asked every 100 ms, undisturbed, batch ${index + 1}`, batch.polled, '—'),
    ]),
    lagRow('announced, beside other work', lag.announced, verdict(lag)),
    lagRow('asked every 100 ms, beside other work', lag.polled, '—'),
  ],
)}

Undisturbed: with real-time scheduling (\`chrt -r 1\`), so that the programs need not wait for a processor that other programs use; a virtual machine's
host may still take it. Beside other work: at a load of ${measured.lagLoad}, which is other programs' for the most part.
`;
}

function invariantsPage(measured: Measured, rows: readonly ReliabilityRow[]): string {
  const model = rows.find(({ program }) => program === 'model');
  return `# Invariants, tokens, attacks

What holds whatever happens, where it is asserted, and what only another system could show. Part of [Reliability](reliability.md).

## Invariants

${table(
  ['', 'invariant', 'asserted in'],
  invariants.map(([name, text, where]) => [
    name,
    text,
    where
      .split(', ')
      .map((key) => {
        const [file, what] = places[key] ?? ['', key];
        return `[${what}](../${file})`;
      })
      .join('; '),
  ]),
)}

Model: ${model === undefined ? 'not run' : `${model.injected}. ${model.expected}: ${model.measured}`}.

## Tokens

Every token that the runtime makes in a test is written down (mode 600), also those of generations that never become ready and of the processes that
play an app. They are searched for

- at the end of every test in ${link('test/runtime')}, ${link('test/runtime/faults')}
  and of ${link('test/companion/runtime.e2e.test.ts')}: command line and environment of all processes
  while the backend runs; then everything in the app's data and log folders, every event, the status and the last lines
  (${link('test/security/ledger.ts')}; eleven forms, ${link('test/security/token-search.ts')});
- after the whole run: command line and environment of all processes, and the files in the test cache, in the test results and those left in the
  temporary folder. Here: ${measured.tokens}.

Not covered: apps packaged by the tests of the hosts, whose runtime is the published one and makes its tokens out of sight; and what an app does with
the value of \`backend.token()\`.

## Attacks from a browser

${link('test/security/browser-attack.e2e.test.ts')} runs a hostile page in Chromium
(other origin, changed \`Host\`, CORS, WebSocket, form, \`no-cors\`) against a frozen
backend, and the app's own page through the proxy. It was part of this run. See [Security](security.md) and [its tests](security-tests.md).

## Not run here

Only another system or device can show these. The code is in small files of its own, and its decisions are tested with tables; the workflow
that \`npx electron-pyinstaller init --ci github\` writes, and this repository's own, are made to run on Windows and macOS.

${table(
  ['what', 'code', 'tested here'],
  notRun.map(([what, code, tested]) => [what, link(code), link(tested)]),
)}
`;
}
