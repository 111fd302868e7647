import type { Command } from 'commander';
import type { Page } from './markdown.js';

/** A piece of text and where it stands, as `page:line`. */
export interface Quoted {
  readonly where: string;
  readonly text: string;
}

/** Lines of the code blocks, and code spans of the prose, of a page. */
export function codeOf(page: Page): readonly Quoted[] {
  const inBlocks = page.blocks.flatMap(({ line, text }) =>
    text.split('\n').map((one, index) => ({ where: `${page.file}:${line + index + 1}`, text: one })),
  );
  const inProse = page.prose.flatMap((line, index) =>
    [...(line ?? '').matchAll(/`([^`]+)`/g)].map(([, text = '']) => ({
      where: `${page.file}:${index + 1}`,
      text,
    })),
  );
  return [...inBlocks, ...inProse];
}

/** The words behind `electron-pyinstaller` wherever a text starts it, and of a text that begins with a command and an option of it. */
export function ownCommands(text: string, names: readonly string[]): readonly (readonly string[])[] {
  const started = [...text.matchAll(/(?<![\w/'.-])electron-pyinstaller(?= +[a-z-])(.*)/g)].map(
    ([, rest = '']) => wordsOf(rest),
  );
  const words = wordsOf(text);
  const isShort = names.includes(words[0] ?? '') && words.slice(1).some((word) => word.startsWith('--'));
  return [...started, ...(isShort ? [words] : [])].filter(
    // In a sentence of an output: "what electron-pyinstaller does".
    ([first = '']) => isShort || first.startsWith('-') || names.includes(first) || /^npx |^\$ /.test(text),
  );
}

/** Words of a command line up to its end: a quote, a bracket, another command, a comment. */
function wordsOf(text: string): readonly string[] {
  const end = text.search(/["'`)]| && | \| | #|…/);
  return (end < 0 ? text : text.slice(0, end)).split(' ').filter((word) => word !== '');
}

/** What the command line would say to these words; null: it takes them. Nothing is run. */
export function refused(program: Command, words: readonly string[]): string | null {
  const [name = '', ...rest] = words;
  if (name === '--help' || name === '--version') return null;
  const command = program.commands.find((one) => one.name() === name);
  if (command === undefined) return `there is no command ${name}`;
  if (rest.includes('--help')) return null;
  // A sentence may name an option without its value.
  const { flags = '' } = command.options.find(({ long }) => long === rest.at(-1)) ?? {};
  const { operands, unknown } = command.parseOptions(flags.includes('<') ? rest.slice(0, -1) : [...rest]);
  if (unknown.length > 0) return `${name} has no ${unknown.join(' ')}`;
  const { registeredArguments } = command;
  const isVariadic = registeredArguments.some(({ variadic }) => variadic);
  return operands.length > registeredArguments.length && !isVariadic
    ? `${name} takes no ${operands.slice(registeredArguments.length).join(' ')}`
    : null;
}

/** Names of npm scripts that a text runs. */
export function npmScripts(text: string): readonly string[] {
  return [
    ...[...text.matchAll(/\bnpm run (?:-s )?([\w:-]+)/g)].map(([, name = '']) => name),
    ...[...text.matchAll(/\bnpm (start|test)\b/g)].map(([, name = '']) => name),
  ];
}
