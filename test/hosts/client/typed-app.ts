/** An app that uses the API of {@link sixtyRoutes} with its types, in all three places, as strictly as TypeScript can be told to. */
export const typedApp: Readonly<Record<string, string>> = {
  'src/main.ts': `
import { throughBackend, eventReader } from 'electron-pyinstaller/client';
import { backends, engine } from './backends.gen.js';
import type { components } from './engine.api.gen.js';

export async function use(): Promise<string> {
  const { data, error } = await engine.client.GET('/api/models/{id}', { params: { path: { id: 1 } } });
  if (error !== undefined) return JSON.stringify(error.detail);
  const model: components['schemas']['Model'] = data;
  const pet = model.pet;
  const lives: number | undefined = pet?.kind === 'cat' ? pet.lives : undefined;
  // @ts-expect-error a dog has no lives
  if (pet?.kind === 'dog') void pet.lives;
  // @ts-expect-error there is no such route
  await engine.client.GET('/api/nothing');
  // @ts-expect-error the id is missing
  await engine.client.GET('/api/models/{id}', { params: { path: {} } });
  // @ts-expect-error an enum has two values
  await engine.client.GET('/api/items0/{id}', { params: { path: { id: 1 }, query: { order: 'sideways' } } });
  await engine.client.GET('/api/items0/{id}', { params: { path: { id: 1 }, query: { order: 'down', tag: ['a'] } } });
  await engine.client.POST('/api/pets', { body: { kind: 'dog', breed: null } });
  await engine.client.POST('/api/files', {
    body: { file: '' },
    bodySerializer: () => {
      const form = new FormData();
      form.set('file', new Blob(['abc']), 'a.txt');
      return form;
    },
  });
  const file = await engine.client.GET('/api/files/{name}', { params: { path: { name: 'a' } }, parseAs: 'arrayBuffer' });
  const size: number | undefined = file.data?.byteLength;
  for await (const { data: tick } of engine.events('/api/ticks', { params: { query: { count: 2 } } })) {
    const n: number = tick.n;
    const note: string | null | undefined = tick.note;
    // @ts-expect-error no such field
    void tick.text;
    void [n, note];
  }
  // @ts-expect-error no stream
  void engine.events('/api/models/{id}');
  await backends.engine.start();
  void [throughBackend, eventReader, size];
  return \`\${model.name} \${lives}\`;
}
`,
  'src/preload.ts': `
import { contextBridge, ipcRenderer } from 'electron';
import { exposeBackends, type BackendBridge } from 'electron-pyinstaller/preload';
import type { components } from './engine.api.gen.js';

declare global {
  interface Window {
    readonly backends: BackendBridge;
  }
}
exposeBackends({ contextBridge, ipcRenderer });
export type Model = components['schemas']['Tick'];
`,
  'src/page.ts': `
import { eventReader, throughBridge } from 'electron-pyinstaller/client';
import createClient from 'openapi-fetch';
import type { events, paths } from './engine.api.gen.js';
import type {} from './preload.js';

const byProxy = { baseUrl: 'backend://engine' };
const client = createClient<paths>(byProxy);
const short = createClient<paths>(throughBridge(window.backends, 'engine'));

export async function show(): Promise<void> {
  const { data } = await client.GET('/api/models/{id}', { params: { path: { id: 1 } } });
  document.title = data?.name ?? '';
  const answer = await short.POST('/api/models', { body: { id: 1, name: 'x', tags: {} } });
  document.title = answer.data?.name ?? '';
  for await (const { data: tick } of eventReader<paths, events>(byProxy)('/api/ticks')) document.title = String(tick.n);
}
`,
  'tsconfig.json': JSON.stringify({
    compilerOptions: {
      target: 'ES2023',
      lib: ['ES2023', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable'],
      module: 'preserve',
      moduleResolution: 'bundler',
      types: [],
      strict: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      verbatimModuleSyntax: true,
      noEmit: true,
    },
    include: ['src'],
  }),
  'tsconfig.main.json': JSON.stringify({
    extends: './tsconfig.json',
    compilerOptions: {
      lib: ['ES2023'],
      types: ['node'],
      module: 'nodenext',
      moduleResolution: 'nodenext',
      skipLibCheck: true,
    },
    include: ['src/main.ts', 'src/backends.gen.ts', 'src/engine.api.gen.ts'],
  }),
};
