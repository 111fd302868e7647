import { type PackageManager, runCommand } from '../package-manager.js';

/** What decides which commands make the app. */
export interface BuildInput {
  readonly host: 'forge' | 'electron-builder' | 'none';
  readonly packageManager: PackageManager;
  /** Of the app's package.json. */
  readonly scripts: Readonly<Record<string, string>>;
  readonly usesElectronVite: boolean;
  /** A typed module is written before the main process can be compiled. */
  readonly generates: boolean;
  /** Forge has something to make of the packaged app. */
  readonly hasMakers: boolean;
}

/** A script by its name, with more arguments, in the words of each package manager. */
export function runScript(packageManager: PackageManager, name: string, args = ''): string {
  const program = packageManager === 'berry' ? 'yarn' : packageManager;
  if (args === '') return `${program} run ${name}`;
  return packageManager === 'npm' ? `npm run ${name} -- ${args}` : `${program} run ${name} ${args}`;
}

const typeChecks = ['typecheck', 'type-check', 'check-types', 'check:types', 'types', 'tsc'];
const compilers = [
  'build',
  'compile',
  'build:app',
  'build:all',
  'build:ts',
  'transpile',
  'bundle',
  'webpack',
];
const packagers = ['dist', 'build', 'package', 'make', 'pack', 'release'];

/**
 * The commands that make the app, in order: what its own scripts do, so that a compiler that only they know is run. Pure.
 */
export function buildCommands(input: BuildInput): string[] {
  const { host, packageManager, scripts, usesElectronVite } = input;
  const execute = runCommand[packageManager];
  if (host === 'none') return [`${execute} electron-pyinstaller build --out frozen`];
  const has = (name: string) => Object.hasOwn(scripts, name);
  const packages = (name: string) => textsOf(scripts, name).some(packagesApp);
  const whole = host === 'forge' ? forgeScript(input) : builderScript(scripts);
  const reached = new Set(whole === null ? [] : reachedFrom(scripts, whole));
  const compiler = compilers.find((name) => has(name) && !packages(name) && !reached.has(name));
  if (compiler !== undefined) for (const name of reachedFrom(scripts, compiler)) reached.add(name);
  const check = typeChecks.find((name) => has(name) && !packages(name) && !reached.has(name));
  const compile =
    compiler !== undefined
      ? [runScript(packageManager, compiler)]
      : whole === null && host === 'electron-builder'
        ? partsBefore(scripts, execute, usesElectronVite)
        : [];
  const last =
    host === 'forge'
      ? whole === null
        ? `${execute} electron-forge ${input.hasMakers ? 'make' : 'package'}`
        : runScript(packageManager, whole)
      : whole === null
        ? `${execute} electron-builder --publish never`
        : runScript(packageManager, whole, '--publish never');
  // Forge writes the module itself before it compiles, but not before somebody else does.
  const isFirst = host === 'electron-builder' || check !== undefined || compile.length > 0;
  return [
    ...(input.generates && isFirst ? [`${execute} electron-pyinstaller generate`] : []),
    ...(check === undefined ? [] : [runScript(packageManager, check)]),
    ...compile,
    last,
  ];
}

function forgeScript({ scripts, hasMakers }: BuildInput): string | null {
  const wanted = hasMakers ? 'make' : 'package';
  if (textsOf(scripts, wanted).some((text) => text.includes('electron-forge'))) return wanted;
  const pattern = new RegExp(`\\belectron-forge\\s+${wanted}$`);
  return Object.keys(scripts).find((name) => pattern.test(scripts[name]?.trim() ?? '')) ?? null;
}

/** A script that ends with electron-builder for the system it runs on, so that arguments can be appended. */
function builderScript(scripts: BuildInput['scripts']): string | null {
  const isWhole = (name: string) => {
    const command = partsOf(scripts[name] ?? '').at(-1) ?? '';
    const [, options] =
      /^(?:cross-env(?:\s+\w+=\S+)+\s+)?(?:(?:npx|pnpm|pnpm exec|yarn|yarn run|bunx)\s+)?electron-builder((?:\s+.*)?)$/.exec(
        command,
      ) ?? [];
    if (options === undefined || /^\s+(?!build\b|-)/.test(options)) return false;
    return !/\s(?:--(?:dir|mac|macos|win|windows|linux|publish|prepackaged|pd|x64|arm64|ia32|armv7l|universal)\b|-[a-z]*[mwlpo])/.test(
      options,
    );
  };
  return [...packagers, ...Object.keys(scripts)].find(isWhole) ?? null;
}

/** What a script for one system does before it packages: `tsc && electron-builder --win`. */
function partsBefore(scripts: BuildInput['scripts'], execute: string, usesElectronVite: boolean): string[] {
  for (const text of Object.values(scripts)) {
    const parts = partsOf(text);
    const at = parts.findIndex(packagesApp);
    if (at > 0)
      return [...new Set(parts.slice(0, at))].map((part) =>
        isProgram.test(part) ? part : `${execute} ${part}`,
      );
  }
  return usesElectronVite ? [`${execute} electron-vite build`] : [];
}

/** Programs of the system; everything else is in node_modules. */
const isProgram =
  /^(?:\w+=\S+|(?:node|npm|npx|pnpm|yarn|bun|bunx|rm|mkdir|cp|mv|cd|echo|export|git|python3?)(?:\s|$))/;

function packagesApp(command: string): boolean {
  return (
    /\belectron-builder\b(?!\s+(?:install-app-deps|node-gyp-rebuild|create-self-signed-cert|clear-cache|start))/.test(
      command,
    ) || /\belectron-forge\s+(?:make|package|publish)\b/.test(command)
  );
}

function partsOf(command: string): string[] {
  return command
    .split('&&')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** The command lines that a script runs, with those of the scripts that it calls. */
function textsOf(scripts: BuildInput['scripts'], name: string): string[] {
  return reachedFrom(scripts, name).map((one) => scripts[one] ?? '');
}

/** A script, what npm runs around it, and every script that they call. */
function reachedFrom(scripts: BuildInput['scripts'], name: string, seen: string[] = []): string[] {
  if (seen.includes(name) || !Object.hasOwn(scripts, name)) return seen;
  seen.push(name);
  const text = scripts[name] ?? '';
  const called = [...text.matchAll(/\b(?:npm|pnpm|yarn|bun)\s+(?:run(?:-script)?\s+)?(?:-s\s+)?([\w:.-]+)/g)];
  const several = [...text.matchAll(/\b(?:npm-run-all2?|run-s|run-p|concurrently)\b([^&|;]*)/g)].flatMap(
    ([, names = '']) => names.split(/[\s"']+/).map((one) => one.replace(/^npm:/, '')),
  );
  for (const one of [...called.map(([, script = '']) => script), ...several, `pre${name}`, `post${name}`])
    reachedFrom(scripts, one, seen);
  return seen;
}
