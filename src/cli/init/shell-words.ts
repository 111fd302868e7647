/**
 * The commands of a script, for a POSIX shell or for cmd. A `;` is an end only before a blank: on Windows it parts the two sides of
 * `--add-data`. Pure.
 */
export function commandsIn(script: string): string[] {
  const commands = [''];
  for (const { 0: text, groups } of script.matchAll(
    /(?<end>&&?|\|\|?|;(?=\s|$)|\n)|"[^"\n]*"|'[^'\n]*'|[^"'&|;\n]+|./g,
  )) {
    if (groups?.['end'] === undefined) commands.push((commands.pop() ?? '') + text);
    else commands.push('');
  }
  return commands.map((command) => command.trim()).filter((command) => command !== '');
}

/** Whether a shell, or the program that a word stands in, would put something into it. Pure. */
export function hasVariable(word: string): boolean {
  return /\$[\w({]|%\w+%/.test(word);
}

/** The words of a command, with their quotes taken off. Pure. */
export function wordsIn(command: string): string[] {
  return [...command.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g)].map(([word]) => word.replaceAll(/["']/g, ''));
}
