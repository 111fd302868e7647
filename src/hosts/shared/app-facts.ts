import path from 'node:path';
import { recordName } from '../../freeze/prebuilt/record.js';
import type { AppFacts } from './exclusions.js';
import { pathExists, entriesIn, readJson } from '../../lib/files.js';

/** Names under which a configuration file of ours is found. */
const configFileName = /^pyinstaller\.config\.(?:[cm]?[jt]s|json|ya?ml)$/;

/**
 * Look at the app folder: its `main`, virtual environments one level deep, bundles that `build --out` wrote, our configuration files.
 *
 * @param appDir - absolute folder with the app's package.json
 * @param configFile - file the configuration came from, when it is one of the project
 */
export async function readAppFacts(appDir: string, configFile?: string): Promise<AppFacts> {
  const [entries, manifest] = await Promise.all([
    entriesIn(appDir),
    readPackage(path.join(appDir, 'package.json')),
  ]);
  const environments: string[] = [];
  const bundles: string[] = [];
  const configFiles: string[] = [];
  for (const entry of entries) {
    const file = path.join(appDir, entry.name);
    if (entry.isFile() && configFileName.test(entry.name)) configFiles.push(file);
    else if (entry.name !== 'node_modules' && (await pathExists(path.join(file, 'pyvenv.cfg')))) {
      environments.push(file);
    } else if (entry.isDirectory() && entry.name !== 'node_modules') {
      bundles.push(...(await frozenFor(file)));
    }
  }
  if (configFile !== undefined && configFileName.test(path.basename(configFile)))
    configFiles.push(configFile);
  return { appDir, ...manifest, environments, bundles, configFiles: [...new Set(configFiles)] };
}

/** Bundles as `build --out <folder>` lays them out: `<target>/<name>` with a record. */
async function frozenFor(folder: string): Promise<string[]> {
  const targets = (await entriesIn(folder)).filter(({ name }) => /^(?:darwin|linux|win32)-\w+$/.test(name));
  const found = targets.map(async ({ name }) => {
    const target = path.join(folder, name);
    const below = (await entriesIn(target)).map((entry) => path.join(target, entry.name));
    const isBundle = await Promise.all(below.map((one) => pathExists(path.join(one, recordName))));
    return below.filter((_, index) => isBundle[index]);
  });
  return (await Promise.all(found)).flat();
}

async function readPackage(packageFile: string): Promise<Pick<AppFacts, 'main' | 'hasConfigKey'>> {
  // An app folder without a readable package.json is the host's error to report.
  const { main, pyinstaller } = ((await readJson(packageFile)) ?? {}) as {
    main?: unknown;
    pyinstaller?: unknown;
  };
  return { main: typeof main === 'string' ? main : undefined, hasConfigKey: pyinstaller !== undefined };
}
