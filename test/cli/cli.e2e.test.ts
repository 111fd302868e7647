import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, test } from 'vitest';
import type { LicensesConfig } from '../../src/config/schema/index.js';
import { temporaryFolder, writeFiles } from '../support/files.js';
import { fixtureApp, fixtureConfig, fixtureConfigFile } from '../support/fixture-app.js';
import { freezingProcesses, hostEnvironment } from '../support/hosts.js';
import { repositoryDir } from '../support/paths.js';

const packageDir = process.env['ELECTRON_PYINSTALLER_PACKAGE'] ?? repositoryDir;
const main = path.join(packageDir, 'dist/cli/main.js');

interface Run {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Run the built command line, as `npx electron-pyinstaller` does. */
async function cli(cwd: string, args: readonly string[]): Promise<Run> {
  const { exitCode, stdout, stderr } = await execa(process.execPath, [main, ...args], {
    cwd,
    env: hostEnvironment(),
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
  });
  return { exitCode, stdout, stderr };
}

/** The fixture's configuration with licenses. */
function configured(licenses: LicensesConfig): Record<string, string> {
  return fixtureConfigFile({ backends: { engine: { ...fixtureConfig.backends.engine, licenses } } });
}

const usual = configured({ file: 'THIRD-PARTY.txt' });

describe('a project from init to report', () => {
  let project: string;

  beforeAll(async () => {
    const folder = path.join(repositoryDir, '.cache/test/cli projects é');
    project = await writeFiles({ 'package.json': '{"name":"x"}', ...fixtureApp, ...usual }, folder);
  });

  test('doctor finds everything there is to a build', async () => {
    const { exitCode, stdout } = await cli(project, ['doctor', '--json']);
    const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: { id: string; status: string }[] };
    expect(checks.filter(({ status }) => status === 'fail')).toEqual([]);
    expect([exitCode, ok]).toEqual([0, true]);
    expect(checks.map(({ id }) => id)).toContain('host');
  });

  test('build freezes, a second build takes the cache, explain agrees; a changed source is named', async () => {
    const first = await cli(project, ['build', '--json']);
    expect(first.exitCode, first.stderr).toBe(0);
    const { backends } = JSON.parse(first.stdout) as { backends: { executable: string; key: string }[] };
    expect(existsSync(backends[0]?.executable ?? '')).toBe(true);

    const second = await cli(project, ['build']);
    expect(second.stderr).toContain('engine: unchanged, taken from the cache');
    expect(second.stderr).not.toContain('Starting PyInstaller');

    const explained = await cli(project, ['build', '--explain', '--json']);
    expect(JSON.parse(explained.stdout)).toMatchObject({
      backends: [{ cached: true, key: backends[0]?.key }],
    });
    const service = path.join(project, 'backend/services/health.py');
    const before = await readFile(service, 'utf8');
    await writeFiles({ 'backend/services/health.py': `${before}\n# changed\n` }, project);
    const changed = await cli(project, ['build', '--explain']);
    await writeFiles({ 'backend/services/health.py': before }, project);
    expect(changed.stdout).toContain('to be frozen');
    expect(changed.stdout).toContain('services/health.py');
  });

  test('verify starts the frozen backend', async () => {
    const { exitCode, stdout, stderr } = await cli(project, ['verify']);
    expect(exitCode, stderr).toBe(0);
    expect(stdout).toMatch(/engine {2}ready after [\d.]+ s, stopped after [\d.]+ s/);
  });

  test('report --startup says where the time of a start goes', async () => {
    const table = await cli(project, ['report', '--startup']);
    expect(table.stdout).toMatch(/ready after \d+ ms\n/);
    expect(table.stdout).toMatch(/ms\s+\d+ %\s+Python\s+\d+ modules/);
    const json = await cli(project, ['report', '--startup', '--json']);
    const [backend] = (JSON.parse(json.stdout) as { backends: { totalMs: number; owners: object[] }[] })
      .backends;
    expect(backend?.totalMs).toBeGreaterThan(10);
    expect(backend?.owners.length).toBeGreaterThan(2);
    const page = path.join(await temporaryFolder(), 'startup.html');
    const html = await cli(project, ['report', '--startup', '--html', page]);
    expect(html.exitCode, html.stderr).toBe(0);
    expect(html.stdout).toMatch(/startup\.html$/);
    // A program this small has no box of its own.
    expect(await readFile(page, 'utf8')).toMatch(/data-depth="1"[^>]*>electron_pyinstaller\._serve</);
  });

  test('report says what is in the bundle, as a table, as JSON and as a page', async () => {
    const table = await cli(project, ['report']);
    expect(table.stdout).toContain('Python 3.');
    expect(table.stdout).toContain('Your code');
    const json = await cli(project, ['report', '--json']);
    expect(JSON.parse(json.stdout)).toHaveProperty('backends.0.inventory.totalBytes');
    const page = path.join(await temporaryFolder(), 'deep/report.html');
    const html = await cli(project, ['report', '--html', page]);
    expect(html.exitCode, html.stderr).toBe(0);
    expect(await readFile(page, 'utf8')).toMatch(/^<!doctype html>/);
  });

  test('the licenses stand beside the program, and can be had as a table, as a page and as a bill of materials', async () => {
    const built = await cli(project, ['build', '--json']);
    const [{ executable = '' } = {}] = (JSON.parse(built.stdout) as { backends: { executable: string }[] })
      .backends;
    const beside = await readFile(path.join(path.dirname(executable), 'THIRD-PARTY.txt'), 'utf8');
    expect(beside).toContain('PYTHON SOFTWARE FOUNDATION LICENSE');
    const table = await cli(project, ['report', '--licenses']);
    expect(table.stdout).toMatch(/^Python 3\.\d+ +PSF-2\.0$/m);
    expect(table.stdout).toMatch(
      /^PyInstaller bootloader 6\.\S+ +GPL-2\.0-or-later WITH Bootloader-exception$/m,
    );
    const folder = await temporaryFolder();
    const files = await cli(project, [
      'report',
      '--licenses',
      '--html',
      `${folder}/l.html`,
      '--text',
      `${folder}/l.txt`,
    ]);
    expect(files.exitCode, files.stderr).toBe(0);
    expect(await readFile(path.join(folder, 'l.html'), 'utf8')).toContain('PSF-2.0');
    expect(await readFile(path.join(folder, 'l.txt'), 'utf8')).toBe(beside);
    const bill = await cli(project, ['report', '--sbom']);
    expect(JSON.parse(bill.stdout)).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.6' });
  });

  test('a denied license fails the build without another freeze, and says what to do', async () => {
    await writeFiles(configured({ file: 'THIRD-PARTY.txt', deny: ['PSF-2.0'] }), project);
    const { exitCode, stderr } = await cli(project, ['build']);
    await writeFiles(usual, project);
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain('backends.engine.licenses.deny does not allow');
    expect(stderr).toMatch(/Python 3\.\d+: PSF-2\.0/);
    expect(stderr).toContain("backends.engine.licenses.clarify: { Python: 'MIT' }");
    expect(stderr).not.toContain('Starting PyInstaller');
  });

  test('--out makes a bundle that another machine can take as prebuilt', async () => {
    const out = await temporaryFolder();
    const built = await cli(project, ['build', '--out', out]);
    expect(built.exitCode, built.stderr).toBe(0);
    const target = `${process.platform}-${process.arch}`;
    const other = await writeFiles({
      'package.json': '{}',
      ...fixtureApp,
      ...fixtureConfigFile({
        backends: {
          engine: {
            ...fixtureConfig.backends.engine,
            prebuilt: { [target]: path.join(out, target, 'engine') },
          },
        },
      }),
    });
    const taken = await cli(other, ['verify']);
    expect(taken.exitCode, taken.stderr).toBe(0);
    expect(taken.stderr).not.toContain('Starting PyInstaller');
    expect(taken.stdout).toContain('engine  ready after');
  });

  test('dev runs a command with the development manifest, and ends with its exit code', async () => {
    const script = 'console.log(process.env.ELECTRON_PYINSTALLER_DEV_MANIFEST); process.exit(7)';
    const { exitCode, stdout } = await cli(project, ['dev', '--', process.execPath, '-e', script]);
    expect(exitCode).toBe(7);
    expect(JSON.parse(await readFile(stdout.trim(), 'utf8'))).toHaveProperty('backends.engine');
    const missing = await cli(project, ['dev', '--', 'no-such-program']);
    expect(missing.exitCode).not.toBe(0);
    expect(missing.stderr).toContain('no-such-program');
  });

  test('dev writes backends.gen.ts before its command starts, which may compile what imports it', async () => {
    const config = { ...fixtureConfig, generate: 'src/main/backends.gen.ts' };
    await writeFiles(fixtureConfigFile(config), project);
    await rm(path.join(project, 'src'), { recursive: true, force: true });
    const script = "console.log(require('node:fs').readFileSync('src/main/backends.gen.ts', 'utf8'))";
    const { stdout, stderr } = await cli(project, ['dev', '--', process.execPath, '-e', script]);
    const again = await cli(project, ['dev', '--', process.execPath, '-e', script]);
    await writeFiles(usual, project);
    expect(stdout, stderr).toContain('export const engine = createBackend(');
    expect(stderr).toContain('Wrote src/main/backends.gen.ts');
    expect(again.stderr).not.toContain('Wrote');
  });

  test('Ctrl-C ends a build with exit code 130 and nothing left', async () => {
    await writeFiles({ 'backend/services/other.py': `# ${Date.now()}` }, project);
    const child = execa(process.execPath, [main, 'build'], {
      cwd: project,
      env: hostEnvironment(),
      extendEnv: false,
      reject: false,
      stdin: 'ignore',
    });
    child.stderr.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('Starting PyInstaller')) child.kill('SIGINT');
    });
    const { exitCode, stderr } = await child;
    await rm(path.join(project, 'backend/services/other.py'));
    expect(exitCode, stderr).toBe(130);
    expect(stderr).toMatch(/cancelled/i);
    expect(await freezingProcesses()).toEqual([]);
  });

  test('clean with a limit keeps what fits', async () => {
    const { exitCode, stdout } = await cli(project, ['clean', '--keep', '100000', '--json']);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, removedBundles: 0 });
    expect((await cli(project, ['build', '--explain'])).stdout).toContain('from the cache');
  });
});
