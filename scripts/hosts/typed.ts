/** Layouts whose app uses the types of a FastAPI program, from the packed package: in the main process, in the preload script and in the page. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { sixtyRoutes, sixtyRoutesRequirements } from '../../test/hosts/client/sixty-routes.ts';
import { typedApp } from '../../test/hosts/client/typed-app.ts';
import { writeAll } from './projects.ts';
import type { Row } from './rows.ts';

/** Where a layout has what. */
interface Places {
  /** Folder of the main process's sources, where the generated files go. */
  readonly main: string;
  readonly preload: string;
  readonly page: string;
  /** A project of TypeScript that holds the page alone, where the layout has one. */
  readonly pageProject?: string;
}

type Run = (command: string) => Promise<unknown>;

const program = (field?: string): string => `${sixtyRoutes(field)}
@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "healthy"}
`;

/** What is different of a row that uses types. */
export function typed(places: Places): Pick<Row, 'python' | 'edit' | 'use' | 'answer' | 'prepare'> {
  return {
    python: { 'requirements.txt': `${sixtyRoutesRequirements.join('\n')}\n`, 'main.py': program() },
    edit: (project) => writeUsers(project, places),
    use: [
      "import { use } from './typed.js';",
      'await engine.start();',
      'const response = new Response(await use());',
    ],
    // A model's name, and a field of one member of a union.
    answer: 'm 9',
    prepare: (project, run) => checkTypes(project, places, run),
  };
}

/** The three users of the types; the page is bundled with the app and compiled, and runs elsewhere (test/hosts/client). */
async function writeUsers(project: string, places: Places): Promise<readonly string[]> {
  const page = path.dirname(places.page);
  const preload = path.dirname(places.preload);
  const from = (folder: string, to: string): string => {
    const relative = path.posix.relative(folder, to);
    return relative.startsWith('.') ? relative : `./${relative}`;
  };
  const types = `${places.main}/engine.api.gen.js`;
  await writeAll(project, {
    [`${places.main}/typed.ts`]: typedApp['src/main.ts'] ?? '',
    [`${preload}/typed-preload.ts`]: (typedApp['src/preload.ts'] ?? '').replace(
      './engine.api.gen.js',
      from(preload, types),
    ),
    [`${page}/typed-page.ts`]: (typedApp['src/page.ts'] ?? '')
      .replace('./engine.api.gen.js', from(page, types))
      .replace('./preload.js', from(page, `${preload}/typed-preload.js`)),
    'tsconfig.typed.json': (typedApp['tsconfig.json'] ?? '')
      .replace('"types":[]', '"types":["node"],"skipLibCheck":true')
      .replace(
        '"include":["src"]',
        `"files":${JSON.stringify([`${places.main}/typed.ts`, `${preload}/typed-preload.ts`, `${page}/typed-page.ts`])}`,
      ),
  });
  await append(path.join(project, places.preload), "\nimport './typed-preload';\n");
  await append(
    path.join(project, places.page),
    "\nimport { show } from './typed-page';\nvoid show().catch(console.error);\n",
  );
  const edited = [places.preload, places.page];
  if (places.pageProject === undefined) return edited;
  const file = path.join(project, places.pageProject);
  const text = await readFile(file, 'utf8');
  const more = [`${places.main}/engine.api.gen.ts`, `${preload}/typed-preload.ts`].map((name) => `"${name}"`);
  await writeFile(file, text.replace('"include": [', `"include": [\n    ${more.join(',\n    ')},`));
  return [...edited, places.pageProject];
}

/** The types came with development. They hold in strict mode; a field with another name is told by route, and is an error of the compiler. */
async function checkTypes(project: string, places: Places, run: Run): Promise<void> {
  const source = path.join(project, 'backend/main.py');
  const compile = 'npx tsc --noEmit -p tsconfig.typed.json';
  await run(`grep -q '"/api/items53/{id}"' ${places.main}/engine.api.gen.ts`);
  await run('npx electron-pyinstaller generate --check');
  await run(compile);
  await writeFile(source, program('title'));
  await run(
    "npx electron-pyinstaller generate --check > drift.txt && exit 1; cat drift.txt; grep -q 'GET /api/models/{id}' drift.txt && grep -q '200: .name is gone' drift.txt",
  );
  await run('npx electron-pyinstaller generate');
  await run(
    `${compile} > errors.txt && exit 1; cat errors.txt; grep -q "Property 'name' does not exist" errors.txt`,
  );
  await writeFile(source, program());
  await run('npx electron-pyinstaller generate && rm drift.txt errors.txt');
  await run(compile);
}

async function append(file: string, text: string): Promise<void> {
  await writeFile(file, `${await readFile(file, 'utf8')}${text}`);
}
