import path from 'node:path';
import { expect, test } from 'vitest';
import { declarationText, readEntryPoint } from '../../scripts/declarations.js';
import { writeFiles } from '../support/files.js';

/** The declaration file of an entry point `index.d.ts`, made of several. */
async function textOf(files: Readonly<Record<string, string>>): Promise<string> {
  return declarationText(readEntryPoint(path.join(await writeFiles(files), 'index.d.ts')));
}

test('what is exported stands in one file, with its comments and all that it refers to', async () => {
  const text = await textOf({
    'index.d.ts':
      "/** The entry. */\nexport { start } from './start.js';\nexport type { Options } from './options.js';\n",
    'start.d.ts': `import type { Options } from './options.js';
import type { Readable } from 'node:stream';
/** How it went. */
interface Result {
    readonly output: Readable;
}
/** Starts, by \`Unrelated\`. */
export declare function start(options: Options): Result;
/** Nobody asks for it. */
export declare const Unrelated = 1;
`,
    'options.d.ts':
      '/** Options. */\nexport interface Options {\n    /** Its name. */\n    readonly name: string;\n}\n',
  });
  expect(text).toBe(`import type { Readable } from 'node:stream';
/** Starts, by \`Unrelated\`. */
declare function start(options: Options): Result;
/** Options. */
interface Options {
    /** Its name. */
    readonly name: string;
}
/** How it went. */
interface Result {
    readonly output: Readable;
}
export { Options, start };
`);
});

test('private fields, which no program for ES5 may refer to, are left out', async () => {
  const text = await textOf({
    'index.d.ts': 'export declare class Plugin {\n    #private;\n    readonly name: string;\n}\n',
  });
  expect(text).toBe('declare class Plugin {\n    readonly name: string;\n}\nexport { Plugin };\n');
});

test('of a file whose types alone are passed on, values bring no other package in', async () => {
  const text = await textOf({
    'index.d.ts': "export type * from './schema.js';\n",
    'schema.d.ts':
      "import * as z from 'zod';\nexport interface Config {\n    a: string;\n}\nexport declare const schema: z.ZodType<Config>;\n",
  });
  expect(text).toBe('interface Config {\n    a: string;\n}\nexport { Config };\n');
});

test('overloads, unions with comments and a default export come through', async () => {
  const text = await textOf({
    'index.d.ts': "export { Main as default, f, type Phase } from './main.js';\n",
    'main.d.ts': `export declare class Main {
}
/** Which phase. */
export type Phase = 
/** Nothing runs. */
'idle'
/** It runs. */
 | 'running';
export declare function f(a: string): Phase;
export declare function f(a: number): void;
//# sourceMappingURL=main.d.ts.map`,
  });
  expect(text).toContain("/** Which phase. */\ntype Phase = \n/** Nothing runs. */\n'idle'\n");
  expect(text).toContain('declare function f(a: string): Phase;\ndeclare function f(a: number): void;\n');
  expect(text).toMatch(/export \{ Main as default, Phase, f \};\n$/);
  expect(text).not.toContain('sourceMapping');
});

test('two things of one name are refused, instead of one being taken for the other', async () => {
  const files = {
    'index.d.ts': "export { a } from './a.js';\nexport { b } from './b.js';\n",
    'a.d.ts': 'interface Options {\n    a: 1;\n}\nexport declare function a(options: Options): void;\n',
    'b.d.ts': 'interface Options {\n    b: 1;\n}\nexport declare function b(options: Options): void;\n',
  };
  await expect(textOf(files)).rejects.toThrow(/^Options is declared in .*: rename one$/);
});
