import type { CheckResult } from '../doctor/index.js';
import { exitCodes } from '../exit-codes.js';
import { doubledBackendChecks, hostChecks } from '../host-checks.js';
import type { Io } from '../io.js';
import { loadProject, projectDirOf, type ProjectOptions } from '../project.js';
import { createTheme, type Theme } from '../render/theme.js';
import { printJson } from './work.js';

/** Options of `doctor`. */
export interface DoctorOptions extends ProjectOptions {
  readonly json?: boolean;
}

/** `doctor`: run every check; exit code 1 when one fails. */
export async function doctor(options: DoctorOptions, io: Io): Promise<number> {
  const results: CheckResult[] = await hostChecks(projectDirOf(options, io.cwd));
  const config = await loadProject(options, io.cwd);
  results.push(...(await doubledBackendChecks(config)));
  const { runChecks } = await import('../doctor/index.js');
  results.push(...(await runChecks(config)));
  const failed = results.filter(({ status }) => status === 'fail').length;
  const warned = results.filter(({ status }) => status === 'warn').length;
  if (options.json === true) {
    printJson(io, { ok: failed === 0, checks: results });
  } else {
    const theme = createTheme(io.color);
    for (const result of results) io.out(`${checkText(result, theme)}\n`);
    io.out(`\n${summaryText(results.length, failed, warned, theme)}\n`);
  }
  return failed === 0 ? exitCodes.ok : exitCodes.failed;
}

/** A check as one line, with its fix below. */
export function checkText({ status, title, detail, fix }: CheckResult, theme: Theme): string {
  const mark = { ok: theme.good('✔'), warn: theme.careful('!'), fail: theme.bad('✖') }[status];
  const [first = '', ...rest] = detail.split('\n');
  const lines = [`${mark} ${title}${first === '' ? '' : ` ${theme.faint(first)}`}`];
  lines.push(...rest.map((line) => `    ${theme.faint(line)}`));
  if (fix !== undefined) lines.push(...fix.split('\n').map((line) => `    → ${line}`));
  return lines.join('\n');
}

function summaryText(all: number, failed: number, warned: number, theme: Theme): string {
  if (failed > 0) return theme.bad(`${failed} of ${all} checks failed`);
  return warned > 0
    ? theme.careful(`ready, with ${warned} remark${warned === 1 ? '' : 's'}`)
    : theme.good('ready');
}
