/** Projects as people get them: from the official templates, or written by hand. */
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runLogged } from '../demo/run-logged.ts';

/** What makes a project in an empty folder. */
export interface Maker {
  readonly folder: string;
  readonly log: string;
  /** Folder for downloaded templates. */
  readonly tools: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Forge 7 asks for a git repository that has a twin in the registry. */
const overrides = { '@electron/node-gyp': '10.2.0-electron.2' };
const electronVersion = '45.4.1';

/** Write files by their names relative to `folder`. */
export async function writeAll(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}

async function templateFolder(name: string, version: string, { tools, log, env }: Maker): Promise<string> {
  const folder = path.join(tools, `${name}-${version}`.replaceAll(/[@/]/g, '-'));
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await runLogged('npm', ['pack', '--silent', `${name}@${version}`], {
    cwd: folder,
    log,
    env,
    timeoutMs: 60_000,
  });
  const [archive = ''] = await readdir(folder);
  await runLogged('tar', ['xzf', archive], { cwd: folder, log, env, timeoutMs: 60_000 });
  return path.join(folder, 'package');
}

/** A package.json. */
export interface Manifest {
  scripts?: Record<string, string>;
  devDependencies?: Record<string, string>;
  [key: string]: unknown;
}

/** The project's package.json. */
export async function readManifest(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')) as Manifest;
}

const isSource = (name: string): boolean =>
  ['main.ts', 'index.ts', 'renderer.ts', 'preload.ts', 'declarations.d.ts'].includes(name);

/** What `create-electron-app` makes, without its installing from GitHub: the files of the templates, where it puts them. */
export function fromForgeTemplate(
  bundler: 'vite' | 'webpack',
  templateVersion: string,
  forgeVersion: string,
): (maker: Maker) => Promise<void> {
  const isForge8 = forgeVersion.startsWith('8');
  return async (maker) => {
    const { folder } = maker;
    const base = path.join(
      await templateFolder('@electron-forge/template-base', templateVersion, maker),
      'tmpl',
    );
    const own = path.join(
      await templateFolder(`@electron-forge/template-${bundler}-typescript`, templateVersion, maker),
      'tmpl',
    );
    await mkdir(path.join(folder, 'src'), { recursive: true });
    for (const name of ['index.css', 'index.html'])
      await cp(path.join(base, name), path.join(folder, 'src', name));
    await cp(path.join(base, '_gitignore'), path.join(folder, '.gitignore'));
    for (const name of await readdir(own)) {
      const to = isSource(name) ? path.join('src', name) : name;
      if (name !== 'package.json') await cp(path.join(own, name), path.join(folder, to));
    }
    if (bundler === 'vite') {
      const html = await readFile(path.join(folder, 'src/index.html'), 'utf8');
      await rm(path.join(folder, 'src/index.html'));
      const script = '<script type="module" src="/src/renderer.ts"></script>\n  </body>';
      const page = html.replace(/.*link rel="stylesheet".*\n/, '').replace('</body>', script);
      await writeFile(path.join(folder, 'index.html'), page);
    }
    const shared = await readManifest(base);
    const added = await readManifest(own);
    const forge = [
      'cli',
      'maker-deb',
      'maker-rpm',
      'maker-squirrel',
      'maker-zip',
      'plugin-fuses',
      'shared-types',
    ];
    // What the registry has no version 8.0.1 of has the alpha that the template was published with.
    const late = new Set(['maker-rpm', 'plugin-webpack', 'plugin-auto-unpack-natives']);
    const versionOf = (name: string): string => (late.has(name) ? templateVersion : forgeVersion);
    const extra = bundler === 'webpack' ? ['plugin-auto-unpack-natives'] : [];
    const linting = Object.entries(added.devDependencies ?? {}).filter(
      ([name]) => !/eslint|oxlint|oxfmt/.test(name),
    );
    await writeAll(folder, {
      'package.json': JSON.stringify({
        ...shared,
        name: 'test-app',
        productName: 'test-app',
        author: 'somebody',
        main: bundler === 'webpack' ? '.webpack/main' : `.vite/build/main.${isForge8 ? 'cjs' : 'js'}`,
        devDependencies: {
          ...Object.fromEntries(linting),
          ...Object.fromEntries(
            [...forge, ...extra, `plugin-${bundler}`].map((name) => [
              `@electron-forge/${name}`,
              versionOf(name),
            ]),
          ),
          '@electron/fuses': isForge8 ? '^2.0.0' : '^1.8.0',
          electron: electronVersion,
        },
        dependencies: { 'electron-squirrel-startup': '^1.0.1' },
        ...(isForge8 ? {} : { overrides }),
      }),
    });
  };
}

/** `npm create @quick-start/electron`, with the questions answered. */
export async function fromElectronVite({ folder, log, env }: Maker): Promise<void> {
  const made = `${folder}-made`;
  await runLogged(
    'npx',
    [
      '--yes',
      '@quick-start/create-electron@1.0.30',
      path.basename(made),
      '--template',
      'vanilla-ts',
      '--skip',
    ],
    { cwd: path.dirname(folder), log, env, timeoutMs: 120_000 },
  );
  await rm(folder, { recursive: true, force: true });
  await rename(made, folder);
}

/** A main process that nobody compiles. */
const plainMain = `const { app, BrowserWindow } = require('electron');

app.whenReady().then(() => {
  const window = new BrowserWindow();
  window.loadFile('index.html');
});
`;

/** Forge without a bundler. */
export function plainForge(version: string): (maker: Maker) => Promise<void> {
  return ({ folder }) =>
    writeAll(folder, {
      'package.json': JSON.stringify({
        name: 'test-app',
        version: '1.0.0',
        description: 'an app',
        author: 'somebody',
        main: 'main.js',
        scripts: {
          start: 'electron-forge start',
          package: 'electron-forge package',
          make: 'electron-forge make',
        },
        devDependencies: {
          '@electron-forge/cli': version,
          '@electron-forge/maker-zip': version,
          electron: electronVersion,
        },
        overrides,
      }),
      'forge.config.js': `module.exports = {
  packagerConfig: { asar: true },
  makers: [{ name: '@electron-forge/maker-zip' }],
  plugins: [],
};
`,
      'main.js': plainMain,
      'index.html': '<p>app</p>',
    });
}

/** electron-builder, its configuration in package.json. */
export async function plainBuilder({ folder }: Maker): Promise<void> {
  await writeAll(folder, {
    'package.json': JSON.stringify({
      name: 'test-app',
      version: '1.0.0',
      description: 'an app',
      author: 'somebody',
      main: 'main.js',
      scripts: { start: 'electron .' },
      devDependencies: { electron: electronVersion, 'electron-builder': '26.17.0' },
      build: { appId: 'org.example.app' },
    }),
    'main.js': plainMain,
    'index.html': '<p>app</p>',
  });
}

/** Electron downloads itself into its own folder, which Plug'n'Play keeps in an archive unless it is told not to. */
export function unplugElectron(create: (maker: Maker) => Promise<void>): (maker: Maker) => Promise<void> {
  return async (maker) => {
    await create(maker);
    const manifest = await readManifest(maker.folder);
    const text = JSON.stringify({ ...manifest, dependenciesMeta: { electron: { unplugged: true } } });
    await writeAll(maker.folder, { 'package.json': text });
  };
}

/** A project in `apps/` of a workspace. */
export function workspace(create: (maker: Maker) => Promise<void>): (maker: Maker) => Promise<void> {
  return async (maker) => {
    await writeAll(path.resolve(maker.folder, '../..'), {
      'package.json': JSON.stringify({ name: 'product', private: true, workspaces: ['apps/*'] }),
    });
    await create(maker);
  };
}

/** The Python side: an application in a package, with what must not be shipped beside it. */
export const fastApiPackage: Readonly<Record<string, string>> = {
  'requirements.txt': 'fastapi\nuvicorn\n',
  'app/__init__.py': '',
  'app/main.py': `from fastapi import FastAPI

app = FastAPI()


@app.get("/health")
def health():
    return {"status": "healthy"}
`,
  '.env': 'SECRET=1\n',
  'secrets.json': '{}',
};
