import { lstat, readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { PyInstallerError } from '../errors.js';
import { manifestFileName, parseManifest, type Manifest } from '../runtime/manifest.js';
import { readFromAsar } from './asar.js';
import { errorCode } from '../lib/files.js';

/** Where things are in a packaged app. */
export interface PackagedApp {
  /** Absolute folder that is `process.resourcesPath` at run time. */
  readonly resources: string;
  /** Where the manifest was found, for messages. */
  readonly manifestFile: string;
  readonly manifest: Manifest;
}

/** What packaged apps are handed out as; they have to be unpacked first. */
const archives = /\.(?:zip|deb|rpm|dmg|exe|msi|AppImage|snap|flatpak|7z|tar(?:\.\w+)?|tgz|nupkg|pkg)$/i;

/**
 * Find the resources and the manifest of a packaged app.
 *
 * @param app - The app's folder as Forge (`out/App-linux-x64`) or electron-builder (`dist/linux-unpacked`) makes it, a
 * macOS `.app`, the program in it, or the resources folder itself.
 * @throws PyInstallerError `ERR_NOT_FOUND` when there is no app or no manifest in it, `ERR_PLACE` when the manifest cannot
 * be read.
 */
export async function findPackagedApp(app: string): Promise<PackagedApp> {
  const resources = await findResources(path.resolve(app));
  for (const name of ['app.asar', 'app-x64.asar', 'app-arm64.asar', 'app']) {
    const container = path.join(resources, name);
    const text = await readText(container);
    if (text === null) continue;
    const manifestFile = path.join(container, manifestFileName);
    try {
      return { resources, manifestFile, manifest: parseManifest(JSON.parse(text)) };
    } catch (cause) {
      throw new PyInstallerError('ERR_PLACE', `Reading ${manifestFile}: ${(cause as Error).message}.`, {
        cause,
        file: manifestFile,
        hint: 'Package the app again with this version of electron-pyinstaller.',
      });
    }
  }
  throw new PyInstallerError(
    'ERR_NOT_FOUND',
    `Looking for ${manifestFileName} in ${resources}: it is neither in app.asar nor in app/.`,
    {
      file: resources,
      hint: 'Package the app with the Forge plugin or the electron-builder preset of electron-pyinstaller; they put it there.',
    },
  );
}

async function readText(container: string): Promise<string | null> {
  const stats = await stat(container).catch(() => null);
  if (stats === null) return null;
  try {
    const content = stats.isDirectory()
      ? await readFile(path.join(container, manifestFileName))
      : await readFromAsar(container, manifestFileName);
    return content?.toString('utf8') ?? null;
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return null;
    throw new PyInstallerError('ERR_PLACE', `Reading ${container}: ${(cause as Error).message}.`, {
      cause,
      file: container,
      hint: 'Package the app again.',
    });
  }
}

async function findResources(app: string): Promise<string> {
  const stats = await lstat(app).catch(() => null);
  if (stats === null) {
    throw new PyInstallerError('ERR_NOT_FOUND', `Looking for a packaged app: ${app} does not exist.`, {
      hint: 'Give the folder the packager made, e.g. out/App-linux-x64 or dist/linux-unpacked.',
    });
  }
  if (stats.isFile() && !(await isResources(path.dirname(app)))) {
    const beside = await resourcesIn(path.dirname(app));
    if (beside !== null) return beside;
    throw new PyInstallerError('ERR_NOT_FOUND', `Looking for a packaged app: ${app} is a file.`, {
      hint: archives.test(app)
        ? 'Unpack it first, and give the folder: what is inside an archive cannot be run.'
        : 'Give the folder the packager made, e.g. out/App-linux-x64 or dist/linux-unpacked.',
    });
  }
  const folder = stats.isFile() ? path.dirname(app) : app;
  if (await isResources(folder)) return folder;
  const own = await resourcesIn(folder);
  if (own !== null) return own;
  const below: string[] = [];
  for (const name of await readdir(folder)) {
    const candidate = await resourcesIn(path.join(folder, name));
    if (candidate !== null) below.push(candidate);
  }
  const [only] = below;
  if (only !== undefined && below.length === 1) return only;
  throw new PyInstallerError(
    'ERR_NOT_FOUND',
    below.length === 0
      ? `Looking for a packaged app: ${folder} has no resources folder and no .app in it.`
      : `Looking for a packaged app: ${folder} holds ${below.length}.`,
    {
      file: folder,
      hint:
        below.length === 0
          ? 'Give the folder the packager made, e.g. out/App-linux-x64 or dist/linux-unpacked.'
          : `Give one of them: ${below.join(', ')}.`,
    },
  );
}

/** The resources of an app whose folder this is; null when it is none. */
async function resourcesIn(folder: string): Promise<string | null> {
  for (const candidate of [path.join(folder, 'Contents', 'Resources'), path.join(folder, 'resources')]) {
    if (await isResources(candidate)) return candidate;
  }
  return null;
}

async function isResources(folder: string): Promise<boolean> {
  for (const name of ['app.asar', 'app', 'app-x64.asar']) {
    const stats = await stat(path.join(folder, name)).catch(() => null);
    if (stats === null) continue;
    if (
      name.endsWith('.asar') ||
      (stats.isDirectory() &&
        (await lstat(path.join(folder, name, 'package.json')).catch(() => null)) !== null)
    ) {
      return true;
    }
  }
  return false;
}
