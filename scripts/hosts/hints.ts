/** What `init` prints for people, read as people do. */

/** The part below "Next". */
export interface Hints {
  /** Commands in their order, with what they are for. */
  readonly commands: readonly { readonly command: string; readonly why: string }[];
  /** Lines for the main process. */
  readonly mainProcess: readonly string[];
}

/** Read them out of everything that `init` printed. Pure. */
export function readHints(printed: readonly string[]): Hints {
  const next = printed.slice(printed.lastIndexOf('Next') + 1);
  const from = next.findIndex((line) => line.includes('In the main process:'));
  if (from === -1) throw new Error('init printed no lines for the main process.');
  const commands = next.slice(0, from).flatMap((line) => {
    const [, command, why] = /^ {2}(\S.*?)(?: {3,}(.*))?$/.exec(line) ?? [];
    return command === undefined ? [] : [{ command, why: why ?? '' }];
  });
  const mainProcess = next.slice(from + 1).flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
  return { commands, mainProcess };
}

/** The first command whose text or purpose matches. */
export function commandFor(hints: Hints, what: RegExp): string | null {
  return hints.commands.find(({ command, why }) => what.test(command) || what.test(why))?.command ?? null;
}

/** Lines for the main process: those that stand after the imports, and those for when the app is ready. */
export function byPlace(mainProcess: readonly string[]): {
  readonly declared: readonly string[];
  readonly used: readonly string[];
} {
  const isDeclared = (line: string): boolean => /^import |require\(|createBackend\(/.test(line);
  return {
    declared: mainProcess.filter(isDeclared),
    used: mainProcess.filter((line) => !isDeclared(line)),
  };
}

/**
 * The main process with the lines that `init` printed: what is imported or created stands after the imports, the rest when the app
 * is ready. What the backend answers is written to a file, for whoever plays the user.
 */
export function editMain(text: string, mainProcess: readonly string[]): string {
  const lines = text.split('\n');
  const last = lines.findLastIndex((line) => /^(?:import|const|\}) .*(?:from |require\()['"]/.test(line));
  const { declared, used } = byPlace(mainProcess);
  lines.splice(last + 1, 0, ...declared);
  return `${lines.join('\n')}
app.whenReady().then(async () => {
  const { writeFileSync, renameSync } = await import('node:fs');
  const file = process.env['HOSTS_ANSWER'] ?? '';
  try {
    ${used.join('\n    ')}
    const answer = { status: response.status, text: await response.text() };
    writeFileSync(file + '.part', JSON.stringify({ pid: process.pid, isPackaged: app.isPackaged, ...answer }));
  } catch (error) {
    writeFileSync(file + '.part', JSON.stringify({ pid: process.pid, isPackaged: app.isPackaged, error: String(error) }));
  }
  renameSync(file + '.part', file);
});
`;
}
