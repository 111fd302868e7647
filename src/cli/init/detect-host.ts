import { existsSync } from 'node:fs';
import path from 'node:path';
import { readBuilderMetadata } from '../builder-metadata.js';
import { forgeConfigNames } from '../../hosts/forge/options.js';
import { asRecord, readJson, readText } from '../../lib/files.js';
import { detectPackageManager, type PackageManager } from './package-manager.js';

/** What of a project decides where the configuration goes. File names relative to the project. */
export interface DetectedProject {
  readonly packageJson: Readonly<Record<string, unknown>>;
  /** Where Forge is configured; null: Forge is not used. */
  readonly forge: { readonly file: string | null; readonly inPackageJson: boolean } | null;
  /** Where electron-builder is configured; null: it is not used. */
  readonly builder: {
    /** The file it reads. */
    readonly file: string | null;
    readonly inPackageJson: boolean;
    /** Files it does not read, because `build` in package.json hides them. */
    readonly hidden: readonly string[];
  } | null;
  readonly hasTypeScript: boolean;
  /** `src/backends.gen.ts` is written unless the configuration says otherwise. */
  readonly hasGenerated: boolean;
  /** The main process is an ES module, or becomes one of any kind through a compiler. */
  readonly isModule: boolean;
  readonly packageManager: PackageManager;
  /** A configuration of ours that is there already. */
  readonly existing: string | null;
}

const builderFiles = ['yml', 'yaml', 'json', 'json5', 'toml', 'js', 'cjs', 'ts'].map(
  (extension) => `electron-builder.${extension}`,
);

/** Look at a project's package.json and files. */
export async function detectProject(projectDir: string): Promise<DetectedProject> {
  const { configFileNames } = await import('../../config/index.js');
  const packageJson = asRecord(await readJson(path.join(projectDir, 'package.json'))) ?? {};
  const has = (name: string) => existsSync(path.join(projectDir, name));
  const dependencies = new Set(
    ['dependencies', 'devDependencies'].flatMap((key) => Object.keys(asRecord(packageJson[key]) ?? {})),
  );

  const forgeFile = forgeConfigNames.find(has) ?? null;
  const forgeInPackage = asRecord(packageJson['config'])?.['forge'] !== undefined;
  const usesForge = forgeFile !== null || forgeInPackage || dependencies.has('@electron-forge/cli');

  const builderInPackage = packageJson['build'] !== undefined && packageJson['build'] !== null;
  const builderFound = builderFiles.filter(has);
  const usesBuilder = builderFound.length > 0 || builderInPackage || dependencies.has('electron-builder');

  return {
    packageJson,
    forge: usesForge ? { file: forgeFile, inPackageJson: forgeInPackage && forgeFile === null } : null,
    builder: usesBuilder
      ? {
          file: builderInPackage ? null : (builderFound[0] ?? null),
          inPackageJson: builderInPackage,
          hidden: builderInPackage ? builderFound : builderFound.slice(1),
        }
      : null,
    hasTypeScript: has('tsconfig.json'),
    hasGenerated: has('tsconfig.json') && has('src'),
    isModule:
      has('tsconfig.json') || packageJson['type'] === 'module' || text(packageJson['main']).endsWith('.mjs'),
    packageManager: await detectPackageManager(projectDir),
    existing:
      configFileNames.find(has) ??
      ('pyinstaller' in packageJson ? 'package.json' : null) ??
      (await describedInBuilder(projectDir)) ??
      (await describedInForge(projectDir, forgeFile)),
  };
}

/** Place in electron-builder's own configuration that describes the backends; null: they are not described there. */
async function describedInBuilder(projectDir: string): Promise<string | null> {
  const source = await readBuilderMetadata(projectDir).catch(() => null);
  if (source === null) return null;
  return source.file ?? `${source.inlineSource ?? ''} (${(source.inlinePrefix ?? []).join('.')})`;
}

/** Forge's configuration file, when it gives the plugin its configuration as an argument. */
async function describedInForge(projectDir: string, file: string | null): Promise<string | null> {
  const program = file === null ? null : await readText(path.join(projectDir, file));
  return program !== null && /\bPyInstallerPlugin\(\s*\{[^]*?\b(?:backends|configFile)\b/.test(program)
    ? `${file ?? ''} (PyInstallerPlugin)`
    : null;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
