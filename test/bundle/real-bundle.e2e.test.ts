import { execa } from 'execa';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  advise,
  digestBundle,
  inspectBundle,
  inventory,
  listBundle,
  readArchive,
  type Inventory,
} from '../../src/bundle/index.js';
import { compareVersionTexts } from '../../src/config/version-range.js';
import type { FrozenBackend } from '../../src/bundle/frozen.js';
import { provisionEnvironment, type PythonEnvironment } from '../../src/python/index.js';
import { testCacheDir } from '../support/paths.js';
import { frozenBackend } from '../verify/frozen.js';

const files = {
  'backend/main.py': `
import jinja2, numpy, orjson

def app(environ, start_response):
    start_response("200 OK", [])
    return [orjson.dumps({"sum": int(numpy.arange(4).sum()), "text": jinja2.Template("{{ x }}").render(x=1)})]
`,
};

describe('a real bundle with numpy', () => {
  let frozen: FrozenBackend;
  let environment: PythonEnvironment;
  let stock: Inventory;
  beforeAll(async () => {
    frozen = await frozenBackend(files, {
      entry: { wsgi: 'main:app' },
      requirements: ['numpy==2.2.4', 'orjson==3.10.15', 'jinja2'],
    });
    environment = await provisionEnvironment(frozen.backend, { cacheDir: testCacheDir });
    stock = await inventory(frozen.bundleDir, {
      executable: 'engine',
      sitePackages: environment.probe.sitePackages,
    });
  });

  it('holds the modules that PyInstaller itself lists', async () => {
    const program = path.join(frozen.bundleDir, 'engine');
    const viewer = await execa(environment.interpreter, [
      '-m',
      'PyInstaller.utils.cliutils.archive_viewer',
      '--list',
      '--recursive',
      '--brief',
      program,
    ]);
    const listed = [...viewer.stdout.matchAll(/^ (\S+)$/gm)].map((match) => match[1] ?? '');
    const archive = await readArchive(program);
    const found = [...(archive?.entries ?? []), ...(archive?.modules ?? [])].map(({ name }) => name);
    // Options with an argument have a space in them and are not caught above.
    found.push(...(archive?.options ?? []).filter((option) => !option.includes(' ')));
    const names = (all: readonly string[]): string[] => [...new Set(all)].sort();
    expect(found.length).toBeGreaterThan(300);
    expect(names(listed)).toEqual(names(found));
    expect(archive?.python).toBe(environment.probe.version.slice(0, 2).join('.'));
  });

  it('says for which processors numpy was built', async () => {
    const code = 'from numpy._core._multiarray_umath import __cpu_baseline__ as b; print(", ".join(b))';
    const { stdout } = await execa(environment.interpreter, ['-c', code]);
    expect(frozen.manifest.versions.builtFor).toEqual({ numpy: stdout });
    expect(stdout).toMatch(/SSE/);
  });

  it('is accounted for to the last byte, distribution by distribution', () => {
    expect(stock.parts.reduce((sum, part) => sum + part.bytes, 0)).toBe(stock.totalBytes);
    const owner = (name: string) => stock.owners.find((one) => one.name.toLowerCase() === name);
    expect(owner('numpy')).toMatchObject({ type: 'distribution', version: '2.2.4' });
    expect(owner('numpy')?.bytes).toBeGreaterThan(20_000_000);
    expect(owner('orjson')?.files).toBeGreaterThan(0);
    expect(owner('jinja2')?.modules).toBeGreaterThan(10);
    const own = stock.owners.find((one) => one.type === 'own');
    const ownPaths = stock.parts.filter((part) => stock.owners[part.owner] === own).map((part) => part.path);
    // The app's module, and what the package itself puts in: bootstrap, companion, entry descriptor.
    expect(ownPaths).toContain('main.py');
    expect(ownPaths.filter((name) => !/main|electron_pyinstaller|bootstrap/.test(name))).toEqual([]);
  });

  it('can be made smaller: the advice names lines and bytes', async () => {
    const advice = await advise(frozen.bundleDir, stock);
    for (const one of advice) expect(one.bytes).toBeLessThan(stock.totalBytes);
    expect(advice.every((one) => one.edit === null || /^(?:excludes|pyinstaller): /.test(one.edit))).toBe(
      true,
    );
  });

  it.runIf(process.platform === 'linux')(
    'needs the glibc that objdump sees, and keeps its links',
    async ({ skip }) => {
      const objdump = await execa('objdump', ['--version'], { reject: false });
      if (objdump.failed) skip('objdump (binutils) is not installed');
      const entries = await listBundle(frozen.bundleDir);
      expect(entries.some((entry) => entry.type === 'link')).toBe(true);
      for (const { path: file, info } of await inspectBundle(frozen.bundleDir, entries)) {
        const { stdout } = await execa('objdump', ['-p', path.join(frozen.bundleDir, file)]);
        const versions = [...stdout.matchAll(/0x[0-9a-f]+ 0x00 \d+ GLIBC_([\d.]+)$/gm)].map(
          (match) => match[1] ?? '',
        );
        const highest = versions.sort(compareVersionTexts).at(-1) ?? null;
        const relr = stdout.includes('GLIBC_ABI_DT_RELR') ? '2.36' : '0';
        const expected = highest !== null && compareVersionTexts(relr, highest) > 0 ? relr : highest;
        expect([file, info.format === 'elf' && info.glibc]).toEqual([file, expected]);
      }
    },
  );

  it('has the same digests when it is read again', async () => {
    const { program } = frozen.manifest;
    const again = await digestBundle(frozen.bundleDir, {
      executable: 'engine',
      platform: frozen.backend.target.platform,
    });
    expect(program.type === 'frozen' && program.files[frozen.backend.target.arch]).toEqual(again);
  });
});
