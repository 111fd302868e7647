import path from 'node:path';
import type { ResolvedBackend } from '../config/resolved.js';
import { PyInstallerError } from '../errors.js';
import type { BackendManifest, FrozenProgram } from '../runtime/manifest.js';
import { hostTarget, type TargetArch, type TargetPlatform } from '../target.js';
import { digestBundle } from '../bundle/digest.js';
import { manifestDifferences } from '../bundle/manifest-differences.js';
import { checkSubject, type VerifyOptions, type VerifyResult } from './check-subject.js';
import { findPackagedApp } from './find-app.js';
import { signatureWarnings } from './signature-warnings.js';
import { verifyError } from './verify-error.js';
import { expectedConsole, isStripped, plainExpectations, type Subject } from './subject.js';

/** How to verify a packaged app. */
export interface VerifyAppOptions extends VerifyOptions {
  /** Names of the backends to look at. Default: all. */
  readonly only?: readonly string[];
  /**
   * The configuration the app was built from: its `verify` groups are checked too. Without it, backends must start, answer and
   * stop.
   */
  readonly backends?: readonly ResolvedBackend[];
}

/** What {@link verifyPackagedApp} found. */
export interface VerifiedApp {
  /** Absolute folder of the app's resources. */
  readonly resources: string;
  readonly manifestFile: string;
  readonly results: readonly VerifyResult[];
}

/**
 * Prove that the backends inside a packaged app work, whichever packager made it: {@link verifyBundle} for each of them,
 * with the manifest inside the app, every file compared with its digest.
 *
 * @param app - Folder of the app (`out/App-linux-x64`, `dist/linux-unpacked`), or a macOS `.app`.
 * @throws PyInstallerError `ERR_NOT_FOUND` (no app, no manifest, no such backend), `ERR_PLACE` (manifest or backend
 * damaged), `ERR_VERIFY`, `ERR_CANCELLED`.
 */
export async function verifyPackagedApp(app: string, options: VerifyAppOptions = {}): Promise<VerifiedApp> {
  const { resources, manifest, manifestFile } = await findPackagedApp(app);
  const names = options.only ?? Object.keys(manifest.backends);
  const results: VerifyResult[] = [];
  for (const name of names) {
    const backend = Object.hasOwn(manifest.backends, name) ? manifest.backends[name] : undefined;
    if (backend === undefined || backend.program.type !== 'frozen') {
      throw new PyInstallerError(
        'ERR_NOT_FOUND',
        `Verifying ${name}: ${manifestFile} lists ${backend === undefined ? Object.keys(manifest.backends).join(', ') || 'no backend' : 'it as run from source'}.`,
        {
          backend: name,
          file: manifestFile,
          hint: 'Package the app again with this backend in its configuration.',
        },
      );
    }
    for (const [arch, directory] of Object.entries(backend.program.directories)) {
      const subject = subjectInApp(backend, backend.program, arch, path.join(resources, directory), options);
      const result = await checkSubject(subject, options);
      // What was started was compared by the runtime already.
      if (!result.ran) await compareWithManifest(subject);
      const { platform } = subject.target;
      const signatures = await signatureWarnings(resources, subject.bundleDir, name, platform);
      results.push({ ...result, warnings: [...result.warnings, ...signatures] });
    }
  }
  return { resources, manifestFile, results };
}

async function compareWithManifest(subject: Subject): Promise<void> {
  const { program, target, bundleDir } = subject;
  const expected = program.files[target.arch] ?? [];
  const found = await digestBundle(bundleDir, { executable: program.executable, platform: target.platform });
  // A Windows machine shows no permission of a bundle for another system.
  const knowsModes = process.platform !== 'win32' || target.platform === 'win32';
  const comparable = knowsModes
    ? expected
    : expected.map((file) => (file.type === 'file' ? { ...file, executable: false } : file));
  const differences = manifestDifferences(comparable, found);
  if (differences.length === 0) return;
  const shown = differences.slice(0, 5).map((line) => `  ${line}`);
  if (differences.length > shown.length) shown.push(`  … and ${differences.length - shown.length} more`);
  throw verifyError(subject, {
    seen: `the files in ${bundleDir} are not those that were frozen:\n${shown.join('\n')}`,
    hint: 'Something changed them after they were placed (strip, UPX, an unpacker that drops links or permissions). Package the app again.',
  });
}

function subjectInApp(
  manifest: BackendManifest,
  program: FrozenProgram,
  arch: string,
  bundleDir: string,
  { backends }: VerifyAppOptions,
): Subject {
  const backend = backends?.find((candidate) => candidate.name === manifest.name);
  const platform = (program.platform === '' ? hostTarget().platform : program.platform) as TargetPlatform;
  return {
    name: manifest.name,
    target: { platform, arch: arch as TargetArch },
    bundleDir,
    manifest,
    program,
    expected: backend?.verify ?? plainExpectations,
    console: backend === undefined ? null : expectedConsole(backend),
    strip: backend === undefined ? undefined : isStripped(backend),
    context: {
      configFile: backend === undefined ? 'the configuration' : backend.configFile,
      configPath: backend?.configPath ?? `backends.${manifest.name}`,
    },
  };
}
