import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, readdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { digestFile } from '../../src/bundle/digest.js';
import { signingList } from '../../src/bundle/signing.js';
import { recordName } from '../../src/freeze/prebuilt/record.js';
import { isSealedResource } from '../../src/hosts/shared/mac-signing.js';
import { fixtureApp } from '../support/fixture-app.js';
import { foreignElectron } from '../support/foreign.js';
import { writeFiles } from '../support/files.js';
import { type HostName, type HostProject, hostProject } from '../support/hosts.js';
import { repositoryDir } from '../support/paths.js';

/** Made by scripts/test-macos.ts. */
const bench = process.env['MACOS_BENCH'] ?? '';
const rcodesign = process.env['MACOS_RCODESIGN'] ?? '';
const work = path.join(bench, 'work');
const archs = ['arm64', 'x64'] as const;
const framework = '_internal/Python.framework';
const library = `${framework}/Versions/3.13/Python`;
const plist = `${framework}/Versions/3.13/Resources/Info.plist`;
const bundleOf = (arch: string): string => path.join(bench, `bundle-${arch}`);

async function machFiles(arch: string): Promise<string[]> {
  return JSON.parse(await readFile(path.join(bench, `mach-${arch}.json`), 'utf8')) as string[];
}

/** A copy that shares its files: a changed one has to be written anew. */
async function copyOf(folder: string, name: string): Promise<string> {
  const to = path.join(work, name);
  await rm(to, { recursive: true, force: true });
  await mkdir(path.dirname(to), { recursive: true });
  await execa('cp', ['-al', folder, to]);
  return to;
}

async function replace(file: string, bytes: Uint8Array): Promise<void> {
  const mode = existsSync(file) ? await readFile(file).then(() => 0o755) : 0o644;
  await rm(file, { force: true, recursive: true });
  await writeFile(file, bytes, { mode });
}

const config = (prebuilt: Record<string, string>): string =>
  `export default ${JSON.stringify({
    backends: { engine: { kind: 'job', entry: 'backend/main.py', source: 'backend', prebuilt } },
  })};\n`;

/** The command line, in a project that takes a bundle for an architecture. */
async function build(bundle: string, arch: string, more: readonly string[] = []) {
  const project = path.join(work, 'project');
  await writeFiles(
    {
      'package.json': '{}',
      'backend/main.py': '',
      'pyinstaller.config.mjs': config({ [`darwin-${arch}`]: bundle }),
    },
    project,
  );
  return await cli(['build', '--target', `darwin-${arch}`, '--force', ...more], project);
}

async function cli(args: readonly string[], cwd = work) {
  const { exitCode, all } = await execa(
    process.execPath,
    [path.join(repositoryDir, 'dist/cli/main.js'), ...args],
    {
      cwd,
      all: true,
      reject: false,
      stdin: 'ignore',
      env: { ELECTRON_PYINSTALLER_CACHE: path.join(work, 'cache') },
    },
  );
  return { exitCode, output: all };
}

/** Sign with rcodesign, in the order of the list; a framework by its current version. */
async function signAll(folder: string): Promise<number> {
  const certificate = path.join(bench, 'certificate.p12');
  if (!existsSync(certificate)) {
    await execa(rcodesign, [
      'generate-self-signed-certificate',
      '--person-name',
      'Test',
      '--p12-file',
      certificate,
      '--p12-password',
      'test',
    ]);
  }
  const list = await signingList(folder, 'darwin');
  for (const { path: file, type } of list) {
    const target = path.join(folder, file, type === 'bundle' ? 'Versions/3.13' : '.');
    const to = type === 'bundle' ? target : path.join(folder, file);
    await execa(rcodesign, [
      'sign',
      '--shallow',
      '--timestamp-url',
      'none',
      '--code-signature-flags',
      'runtime',
      '--p12-file',
      certificate,
      '--p12-password',
      'test',
      to,
    ]);
  }
  return list.length;
}

beforeAll(async () => {
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
});
afterAll(() => rm(work, { recursive: true, force: true }));

describe.each(archs)('a bundle for %s', (arch) => {
  test('is taken as prebuilt without a record, and given on with its links', async () => {
    const out = path.join(work, `out-${arch}`);
    const { exitCode, output } = await build(bundleOf(arch), arch, ['--out', out]);
    expect(exitCode, output).toBe(0);
    const exported = path.join(out, `darwin-${arch}/engine`);
    await execa('diff', ['-r', '--no-dereference', '-x', recordName, bundleOf(arch), exported]);
  });

  test('has every Mach-O file on the list for signing exactly once, and nothing else', async () => {
    const folder = bundleOf(arch);
    const listed = (await signingList(folder, 'darwin')).map(({ path: file, type }) =>
      type === 'bundle' ? `${file}/Versions/3.13/Python` : file,
    );
    const expected = await machFiles(arch);
    expect(expected.length).toBeGreaterThan(50);
    expect(listed.toSorted()).toEqual(expected.toSorted());
    expect(expected.filter((file) => isSealedResource(path.join(folder, file)))).toEqual([]);
  });

  test('has the same digests after each Mach-O file was signed, and others after any byte was flipped', async () => {
    const before = bundleOf(arch);
    const signed = path.join(work, `signed-${arch}`);
    await rm(signed, { recursive: true, force: true });
    await cp(before, signed, { recursive: true, verbatimSymlinks: true });
    const files = await machFiles(arch);
    expect(await signAll(signed)).toBe(files.length);
    const scratch = path.join(work, 'flipped');
    for (const file of files) {
      const [plain, after] = [path.join(before, file), path.join(signed, file)];
      const [old, bytes] = [await readFile(plain), await readFile(after)];
      expect(old.equals(bytes), file).toBe(false);
      const digest = await digestFile(plain, 'darwin');
      expect(digest.algorithm, file).toBe('mach-o-sha256');
      expect((await digestFile(after, 'darwin')).digest, file).toBe(digest.digest);
      expect(bytes.length, file).toBeGreaterThanOrEqual(digest.size);
      // Before the signature: of a universal file in its first half.
      for (const share of [0.2, 0.3, 0.45]) {
        const at = Math.floor(digest.size * share);
        const flipped = Buffer.from(old);
        flipped[at] = (flipped[at] ?? 0) ^ 1;
        await writeFile(scratch, flipped);
        expect((await digestFile(scratch, 'darwin')).digest, `${file} at ${at}`).not.toBe(digest.digest);
      }
    }
  });

  test('is taken with its record after it was signed, with the seal of its framework', async () => {
    const signed = path.join(work, `signed-${arch}`);
    await cp(path.join(work, `out-${arch}/darwin-${arch}/engine`, recordName), path.join(signed, recordName));
    expect(existsSync(path.join(signed, framework, 'Versions/3.13/_CodeSignature/CodeResources'))).toBe(true);
    const { exitCode, output } = await build(signed, arch);
    expect(exitCode, output).toBe(0);
    await truncate(path.join(signed, library), 3_000_000);
    expect((await build(signed, arch)).output).toContain(`${library} was changed`);
  });
});

describe('a bundle without a record is refused', () => {
  const elf = () => readFile(process.execPath).then((bytes) => bytes.subarray(0, 4_000_000));
  test.each<[string, (folder: string) => Promise<unknown>, string]>([
    [
      'with a library of Linux for Python',
      async (folder) => replace(path.join(folder, library), await elf()),
      `${library} (Linux (ELF))|${library}: it begins like Linux`,
    ],
    [
      'with a text for an extension',
      (folder) =>
        replace(
          path.join(folder, '_internal/pydantic_core/_pydantic_core.cpython-313-darwin.so'),
          Buffer.from('hi'),
        ),
      '_pydantic_core.cpython-313-darwin.so (no library)',
    ],
    [
      'with an emptied program',
      (folder) => replace(path.join(folder, 'engine'), Buffer.alloc(0)),
      'The program engine is no program',
    ],
    [
      'with half a library of Python',
      async (folder) =>
        replace(
          path.join(folder, library),
          (await readFile(path.join(folder, library))).subarray(0, 3_000_000),
        ),
      `${library}: it begins like macOS (Mach-O), but`,
    ],
    [
      'without Python',
      async (folder) => {
        await rm(path.join(folder, framework), { recursive: true });
        await rm(path.join(folder, '_internal/Python'));
      },
      'the program loads _internal/Python, which is missing',
    ],
    [
      "without the framework's links",
      async (folder) => {
        for (const link of ['Versions/Current', 'Python', 'Resources'])
          await rm(path.join(folder, framework, link));
      },
      `${framework}/Versions/Current is missing`,
    ],
    [
      'with copies for links',
      async (folder) => {
        await rm(path.join(folder, framework, 'Versions/Current'));
        await cp(
          path.join(folder, framework, 'Versions/3.13'),
          path.join(folder, framework, 'Versions/Current'),
          {
            recursive: true,
          },
        );
      },
      `${framework}/Versions/Current is a directory, not a link`,
    ],
    ['without an Info.plist', (folder) => rm(path.join(folder, plist)), `${plist} is missing`],
    [
      'with libraries for another processor',
      async (folder) =>
        replace(path.join(folder, library), await readFile(path.join(bundleOf('x64'), library))),
      `${library} (x64)`,
    ],
    [
      'with a link to a place outside',
      async (folder) => {
        await symlink('/usr/lib', path.join(folder, '_internal/lib'));
      },
      '_internal/lib',
    ],
  ])('%s', async (_title, damage, expected) => {
    const folder = await copyOf(bundleOf('arm64'), 'damaged');
    await damage(folder);
    const { exitCode, output } = await build(folder, 'arm64');
    expect(exitCode, output).not.toBe(0);
    expect(
      expected.split('|').some((text) => output.includes(text)),
      output,
    ).toBe(true);
  });
});

/** Where each host asks whether this is macOS before it joins two architectures. */
async function allowMerge(project: HostProject): Promise<void> {
  const folder = path.join(project.directory, 'node_modules/@electron/universal/dist');
  for (const entry of await readdir(folder, { recursive: true })) {
    if (!entry.endsWith('.js')) continue;
    const file = path.join(folder, entry);
    const text = await readFile(file, 'utf8');
    await writeFile(
      file,
      text
        .replaceAll("process.platform !== 'darwin'", 'false')
        .replaceAll('process.platform !== "darwin"', 'false'),
    );
  }
}

describe.each<[HostName, string, string]>([
  ['electron-builder-26', 'dist/mac-arm64/fixture-app.app', 'dist/mac-universal/fixture-app.app'],
  [
    'forge-8',
    'out/fixture-app-darwin-arm64/fixture-app.app',
    'out/fixture-app-darwin-universal/fixture-app.app',
  ],
])('an app of %s', (host, app, universalApp) => {
  let project: HostProject;

  beforeAll(async () => {
    project = await hostProject(host, {
      ...fixtureApp,
      'pyinstaller.config.mjs': config({ 'darwin-arm64': bundleOf('arm64'), 'darwin-x64': bundleOf('x64') }),
      '.venv/pyvenv.cfg': '',
    });
    await allowMerge(project);
    const electron = await foreignElectron(path.join(project.directory, '../darwin'));
    for (const arch of archs) {
      const zip = path.join(
        project.electron.zipDir,
        `electron-v${project.electron.version}-darwin-${arch}.zip`,
      );
      await rm(zip, { force: true });
      await execa('zip', ['-q', '-r', '-y', zip, '.'], { cwd: electron });
    }
    const forge = `import { PyInstallerPlugin } from 'electron-pyinstaller/forge';
export default { packagerConfig: { asar: true, electronZipDir: ${JSON.stringify(project.electron.zipDir)}, osxUniversal: {} },
  plugins: [new PyInstallerPlugin()] };`;
    const builder = JSON.stringify({
      extends: 'electron-pyinstaller/electron-builder',
      electronVersion: project.electron.version,
      electronDist: electron,
      npmRebuild: false,
      mac: { target: ['dir'], identity: null },
    });
    await project.write(
      host === 'forge-8' ? { 'forge.config.mjs': forge } : { 'electron-builder.yml': builder },
    );
  });
  afterAll(() => project.remove());

  const pack = (arch: string) =>
    project.run(
      host === 'forge-8'
        ? ['package', '--platform=darwin', `--arch=${arch}`]
        : ['--mac', `--${arch}`, '--publish', 'never'],
      { env: { ELECTRON_PYINSTALLER_CACHE: path.join(work, 'cache') }, timeoutMs: 500_000 },
    );

  test('has the bundle whole, before and after it is signed, and is refused when a library is destroyed', async () => {
    const { exitCode, output } = await pack('arm64');
    expect(exitCode, output).toBe(0);
    const placed = path.join(project.directory, app);
    const engine = path.join(placed, 'Contents/Resources/engine');
    await execa('diff', ['-r', '--no-dereference', bundleOf('arm64'), engine]);
    const whole = await cli(['verify', placed]);
    expect(whole.exitCode, whole.output).toBe(0);
    await signAll(engine);
    const signed = await cli(['verify', placed]);
    expect(signed.exitCode, signed.output).toBe(0);
    const bytes = await readFile(path.join(engine, library));
    for (const damage of [
      bytes.subarray(0, 0),
      Buffer.from('hi'),
      bytes.subarray(0, 2_000_000),
      Buffer.from(bytes).fill((bytes[2_000_000] ?? 0) ^ 1, 2_000_000, 2_000_001),
    ]) {
      await replace(path.join(engine, library), damage);
      const damaged = await cli(['verify', placed]);
      expect(damaged.exitCode, damaged.output).not.toBe(0);
      expect(damaged.output).toContain(library);
    }
  });

  // Forge packages nothing for `universal` on Linux, and says nothing.
  test.skipIf(host === 'forge-8')(
    'for both processors at once has both bundles whole, although the merge rewrites their property lists',
    async () => {
      const { exitCode, output } = await pack('universal');
      expect(exitCode, output).toBe(0);
      const placed = path.join(project.directory, universalApp);
      for (const arch of archs) {
        const engine = path.join(placed, `Contents/Resources/engine-${arch}`);
        const { stdout } = await execa('diff', ['-rq', '--no-dereference', bundleOf(arch), engine], {
          reject: false,
        });
        expect(stdout.split('\n').filter((line) => line !== '' && !line.includes('Info.plist'))).toEqual([]);
        expect(stdout).toContain('Info.plist');
      }
      const whole = await cli(['verify', placed]);
      expect(whole.exitCode, whole.output).toBe(0);
      const text = await readFile(path.join(placed, 'Contents/Resources/engine-x64', plist), 'utf8');
      await replace(
        path.join(placed, 'Contents/Resources/engine-x64', plist),
        Buffer.from(text.replace('FMWK', 'APPL')),
      );
      expect((await cli(['verify', placed])).exitCode).not.toBe(0);
    },
  );
});
