import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { realDisk } from '../../../src/python/environment/disk.js';
import { isUvSetUp, pipSettings } from '../../../src/python/environment/pip-settings.js';
import { writeFiles } from '../../support/files.js';
import { python3 } from '../real-pythons.js';

const disk = (files: Readonly<Record<string, string>>) => ({
  isFile: (file: string) => file in files,
  list: () => [],
  read: (file: string) => files[file] ?? null,
});

describe("pip's settings", () => {
  test('are those that pip itself reads: files, sections, lists, variables', async () => {
    const folder = await writeFiles({
      [process.platform === 'win32' ? 'pip/pip.ini' : '.config/pip/pip.conf']:
        '# mine\n[global]\nindex-url = https://a/simple\nextra_index_url =\n    https://b\n    https://c\ntimeout: 7\n[install]\npre = true\nindex-url = https://i/simple\n[freeze]\ntimeout = 10\n',
      'more.conf': '[global]\ntimeout = 9\n[install]\npre = false\n',
    });
    const env = {
      PATH: process.env['PATH'],
      HOME: folder,
      ...(process.platform === 'win32' ? { APPDATA: folder, SystemRoot: process.env['SystemRoot'] } : {}),
      PIP_FIND_LINKS: '/w',
      PIP_PROXY: '',
    };
    const places = { env, platform: process.platform, homeDir: folder };
    const found = Object.fromEntries(pipSettings(places, realDisk));
    expect(found).toMatchObject({
      'index-url': 'https://i/simple',
      'extra-index-url': 'https://b\nhttps://c',
      timeout: '7',
      pre: 'true',
      'find-links': '/w',
    });
    expect(found).not.toHaveProperty('proxy');
    // Newer versions of pip ask Windows itself for the folder, and not the variable.
    const mine = process.platform === 'win32' ? { PIP_CONFIG_FILE: path.join(folder, 'pip', 'pip.ini') } : {};
    const said = (more = mine) =>
      execFileSync(python3(), ['-m', 'pip', 'config', 'list'], {
        env: { ...env, ...more },
        encoding: 'utf8',
      });
    for (const part of ["install.index-url='https://i/simple'", "global.timeout='7'", "install.pre='true'"])
      expect(said()).toContain(part);
    const named = { PIP_CONFIG_FILE: path.join(folder, 'more.conf') };
    const other = pipSettings({ ...places, env: { ...env, ...named } }, realDisk);
    expect(other.get('timeout')).toBe('9');
    expect(other.has('index-url')).toBe(false);
    expect(said(named)).not.toContain('index-url');
  });

  test('are looked for where each system has them', () => {
    const windows = { 'C:\\Roaming\\pip\\pip.ini': '[global]\r\nindex-url = https://w\r\n' };
    const env = { APPDATA: 'C:\\Roaming' };
    expect(pipSettings({ env, platform: 'win32', homeDir: 'C:\\me' }, disk(windows)).get('index-url')).toBe(
      'https://w',
    );
    const mac = { '/Users/me/Library/Application Support/pip/pip.conf': '[global]\nindex-url=https://m\n' };
    const found = pipSettings({ env: {}, platform: 'darwin', homeDir: '/Users/me' }, disk(mac));
    expect(found.get('index-url')).toBe('https://m');
  });

  test('files are not read where that is switched off', () => {
    const files = { '/home/me/.config/pip/pip.conf': '[global]\npre = 1\n' };
    const places = { platform: 'linux', homeDir: '/home/me' } as const;
    expect(pipSettings({ ...places, env: {} }, disk(files)).size).toBe(1);
    expect(pipSettings({ ...places, env: { PIP_CONFIG_FILE: '/dev/null' } }, disk(files)).size).toBe(0);
  });
});

test.each([
  [{ UV_INDEX_URL: 'https://a' }, {}, true],
  [{}, { '/home/me/.config/uv/uv.toml': '' }, true],
  [{ UV_CACHE_DIR: '/c' }, {}, false],
])('uv is set up by variables and its file: %j %j', (env, files, expected) => {
  expect(isUvSetUp({ env, platform: 'linux', homeDir: '/home/me' }, disk(files))).toBe(expected);
});
