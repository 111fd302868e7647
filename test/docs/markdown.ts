import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { repositoryDir } from '../support/paths.js';

/** A fenced piece of code. */
export interface CodeBlock {
  /** Page, relative to the repository. */
  readonly page: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
  /** Words behind the fence: `ts`, `yaml`, … */
  readonly language: string;
  readonly text: string;
}

/** A documentation page. */
export interface Page {
  /** Relative to the repository, `/` between. */
  readonly file: string;
  readonly text: string;
  readonly blocks: readonly CodeBlock[];
  /** Lines outside of code, `null` for those inside; the index is the line number minus one. */
  readonly prose: readonly (string | null)[];
}

const fixedPages = [
  'README.md',
  'AGENTS.md',
  'CONTRIBUTING.md',
  'example-app/README.md',
  'companion/README.md',
];

/** Every page a reader may come to. */
export async function readPages(): Promise<readonly Page[]> {
  const inDocs = await readdir(path.join(repositoryDir, 'docs'), { recursive: true });
  const files = [
    ...fixedPages,
    ...inDocs
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/${name.split(path.sep).join('/')}`)
      .sort(),
  ];
  return Promise.all(files.map(async (file) => readPage(file, await pageText(file))));
}

/** One page by its path in the repository. */
export function pageText(file: string): Promise<string> {
  return readFile(path.join(repositoryDir, file), 'utf8');
}

/** Separate code from prose. */
export function readPage(file: string, text: string): Page {
  const blocks: CodeBlock[] = [];
  const prose: (string | null)[] = [];
  let open: { fence: string; line: number; language: string; lines: string[] } | null = null;
  for (const [index, line] of text.split('\n').entries()) {
    if (open !== null) {
      prose.push(null);
      if (line.trim() === open.fence) {
        const { line: opened, language, lines } = open;
        blocks.push({ page: file, line: opened, language, text: `${lines.join('\n')}\n` });
        open = null;
      } else open.lines.push(line);
      continue;
    }
    const fence = /^\s*(`{3,})(\S*)\s*$/.exec(line);
    if (fence === null) {
      prose.push(line);
    } else {
      prose.push(null);
      open = { fence: fence[1] ?? '', line: index + 1, language: fence[2] ?? '', lines: [] };
    }
  }
  if (open !== null) throw new Error(`${file}:${open.line}: the code block is never closed`);
  return { file, text, blocks, prose };
}

/** Targets of the links on a page. */
export function linksOf({ prose }: Page): readonly string[] {
  const text = prose.map((line) => (line ?? '').replaceAll(/`[^`]*`/g, '``')).join('\n');
  return [...text.matchAll(/\]\(([^()\s]+)\)/g)].map(([, target = '']) => target);
}

/** The anchors GitHub gives to the headings of a page. */
export function anchorsOf({ prose }: Page): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const line of prose) {
    const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(line ?? '')?.[1];
    if (heading === undefined) continue;
    const slug = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M}\p{Pc} -]/gu, '')
      .replaceAll(' ', '-');
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count++) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** The text from a heading to the next one of the same or a higher level. */
export function section(text: string, heading: string): string {
  const level = /^#+/.exec(heading)?.[0].length ?? 1;
  const lines = text.split('\n');
  const start = lines.indexOf(heading);
  if (start < 0) throw new Error(`there is no heading ${JSON.stringify(heading)}`);
  const length = lines.slice(start + 1).findIndex((line) => new RegExp(`^#{1,${level}} `).test(line));
  return lines.slice(start + 1, length < 0 ? undefined : start + 1 + length).join('\n');
}

/** First cells of the rows of all tables in a text, as the code spans in them. Header rows have none. */
export function firstCells(text: string): readonly string[] {
  return [...text.matchAll(/^\| ([^|]*)\|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code),
  );
}
