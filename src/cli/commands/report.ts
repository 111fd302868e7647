import type { ReportHeading } from '../../bundle/index.js';
import type { ResolvedBackend, ResolvedConfig } from '../../config/resolved.js';
import type { FrozenBackend } from '../../bundle/frozen.js';
import type { PythonEnvironment } from '../../python/types.js';
import { targetName } from '../../target.js';
import { exitCodes } from '../exit-codes.js';
import type { Io } from '../io.js';
import { loadProject, type ProjectOptions } from '../project.js';
import { chooseBackends } from './backends.js';
import { reportLicenses, type LicenseOptions, type LicensedBackend } from './report-licenses.js';
import { freezeWithProgress, printJson, showConfigWarnings } from './work.js';
import { writeReport } from './write-report.js';

/** Options of `report`. */
export interface ReportOptions extends ProjectOptions, LicenseOptions {
  readonly licenses?: boolean;
  readonly startup?: boolean;
}

/** `report`: what the bundles are made of, freezing them first when they are not there. */
export async function report(names: readonly string[], options: ReportOptions, io: Io): Promise<number> {
  const config = await loadProject(options, io.cwd);
  const backends = chooseBackends(config.backends, names);
  showConfigWarnings(config, io);
  const frozen = await freezeWithProgress(config, backends, io);
  if (options.licenses === true || options.text !== undefined || options.sbom !== undefined)
    return reportLicenses(await licensed(config, frozen), options, io);
  if (options.startup === true) {
    const { reportStartup } = await import('./report-startup.js');
    const found = await Promise.all(
      frozen.map(async (one) => ({ one, environment: await environmentOf(config, one.backend) })),
    );
    return reportStartup(found, { cacheDir: config.cacheDir, json: options.json, html: options.html }, io);
  }
  const { inventory, advise, formatReport, renderReport } = await import('../../bundle/index.js');
  const documents: unknown[] = [];
  for (const one of frozen) {
    const { program } = one.manifest;
    if (program.type !== 'frozen') continue;
    const environment = await environmentOf(config, one.backend);
    const stock = await inventory(one.bundleDir, {
      executable: program.executable,
      ...(environment === undefined ? {} : { sitePackages: environment.probe.sitePackages }),
    });
    const advice = await advise(one.bundleDir, stock);
    const heading = headingOf(one);
    if (options.html !== undefined) {
      const page = renderReport(heading, stock, advice);
      const { html: file, json } = options;
      await writeReport({ file, backend: one.backend.name, count: frozen.length, json }, page, io);
    }
    if (options.json === true) documents.push({ backend: one.backend.name, inventory: stock, advice });
    else if (options.html === undefined) io.out(`${formatReport(heading, stock, advice)}\n`);
  }
  if (options.json === true) printJson(io, { ok: true, backends: documents });
  return exitCodes.ok;
}

async function licensed(
  config: ResolvedConfig,
  frozen: readonly FrozenBackend[],
): Promise<LicensedBackend[]> {
  const { licensesOf } = await import('../../freeze/index.js');
  const backends: LicensedBackend[] = [];
  for (const { backend, bundleDir, manifest } of frozen) {
    const { program } = manifest;
    if (program.type !== 'frozen') continue;
    const { executable, contents = '.' } = program;
    const environment = await environmentOf(config, backend);
    const parts = await licensesOf(backend, { bundleDir, executable, contents }, environment);
    backends.push({ name: backend.name, parts });
  }
  return backends;
}

/** Where the packages were installed, so that files can be told by distribution. A prebuilt bundle has no such place. */
async function environmentOf(
  config: ResolvedConfig,
  backend: ResolvedBackend,
): Promise<PythonEnvironment | undefined> {
  if (backend.prebuilt !== null) return undefined;
  const { provisionEnvironment } = await import('../../python/index.js');
  return provisionEnvironment(backend, { cacheDir: config.cacheDir });
}

function headingOf({ backend, manifest }: FrozenBackend): ReportHeading {
  const { versions, program } = manifest;
  const mode = program.type === 'frozen' ? program.mode : 'source';
  const details = `${targetName(backend.target)}, ${mode}, Python ${versions.python}, PyInstaller ${versions.pyinstaller}`;
  return { backend: backend.name, details };
}
