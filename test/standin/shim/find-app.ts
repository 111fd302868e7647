/** Where the app is: beside the executable when packaged, else the folder or file given on the command line. */
import path from 'node:path';

/** Key of `process.versions` that says that this is not Electron, and of the global symbol that holds the module. */
export const standInMarker = 'electron-stand-in';

/** The app that will run. */
export interface FoundApp {
  /** Folder or archive. */
  readonly appPath: string;
  /** Absolute path of the main module. */
  readonly mainFile: string;
  readonly isModule: boolean;
  readonly name: string;
  readonly version: string;
  /** True: given on the command line (development), not found in the resources. */
  readonly isDefaultApp: boolean;
}

/** The two functions of `fs` this needs; they must see into archives. */
export interface Reading {
  existsSync(file: string): boolean;
  readFileSync(file: string, encoding: 'utf8'): string;
}

/** Electron's search order: `app.asar`, `app`, then the command line. */
export function findApp(resourcesPath: string, argument: string | undefined, fs: Reading): FoundApp | null {
  for (const name of ['app.asar', 'app']) {
    const appPath = path.join(resourcesPath, name);
    if (fs.existsSync(appPath)) return describe(appPath, false, fs);
  }
  if (argument === undefined || argument.startsWith('-')) return null;
  const given = path.resolve(argument);
  return fs.existsSync(path.join(given, 'package.json')) ? describe(given, true, fs) : null;
}

function describe(appPath: string, isDefaultApp: boolean, fs: Reading): FoundApp {
  const manifest = JSON.parse(fs.readFileSync(path.join(appPath, 'package.json'), 'utf8')) as Record<
    string,
    string | undefined
  >;
  const mainFile = path.join(appPath, manifest['main'] ?? 'index.js');
  const isModule = mainFile.endsWith('.mjs') || (manifest['type'] === 'module' && !mainFile.endsWith('.cjs'));
  return {
    appPath,
    mainFile,
    isModule,
    name: (manifest['productName'] ?? manifest['name'] ?? 'Electron').trim(),
    version: manifest['version'] ?? '0.0.0',
    isDefaultApp,
  };
}
