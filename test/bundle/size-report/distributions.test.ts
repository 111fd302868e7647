import { describe, expect, it } from 'vitest';
import {
  findUnrequested,
  parseMetadata,
  parseRecord,
  readDistributions,
  type Distribution,
} from '../../../src/bundle/size-report/distributions.js';
import { normalizeName } from '../../../src/lib/text.js';
import { writeFiles } from '../../support/files.js';

describe('readDistributions', () => {
  it('reads name, version, files, modules and requirements', async () => {
    const site = await writeFiles({
      'PyYAML-6.0.dist-info/METADATA':
        'Metadata-Version: 2.1\nName: PyYAML\nVersion: 6.0\nRequires-Dist: cython (>=3) ; extra == "dev"\nRequires-Dist: Typing_Extensions>=4; python_version < "3.9"\n\nName: not this\n',
      'PyYAML-6.0.dist-info/RECORD':
        'yaml/__init__.py,sha256=x,12\n_yaml/__init__.py,,\nyaml/_yaml.cpython-312-x86_64-linux-gnu.so,,\n"odd, name.py",,\nPyYAML-6.0.dist-info/METADATA,,\n../../../bin/tool,,\n__pycache__/x.pyc,,\nsingle.py,,\nPyYAML.libs/libyaml.so,,\n',
      'PyYAML-6.0.dist-info/REQUESTED': '',
      'broken-1.dist-info/RECORD': '',
      'other/file.py': '',
    });
    const [yaml, ...rest] = await readDistributions([site, '/not/there']);
    expect(rest).toEqual([]);
    expect(yaml).toMatchObject({
      name: 'PyYAML',
      version: '6.0',
      requested: true,
      requires: ['cython', 'typing-extensions'],
      topLevel: ['_yaml', 'single', 'yaml'],
    });
    expect(yaml?.files).toContain('odd, name.py');
    expect(yaml?.files.some((file) => file.includes('bin/tool'))).toBe(false);
  });

  it('compares names as pip does', () => {
    expect(['Typing_Extensions', 'typing.extensions', 'typing--extensions'].map(normalizeName)).toEqual(
      Array.from({ length: 3 }, () => 'typing-extensions'),
    );
  });

  it('survives files that are no such ones', () => {
    expect(parseMetadata('')).toBeNull();
    expect(parseMetadata('Name: x')).toEqual({ name: 'x', version: '', requires: [] });
    expect(parseRecord('\n,,\n"unclosed\n')).toEqual(['"unclosed']);
  });
});

describe('findUnrequested', () => {
  const distribution = (name: string, requires: string[] = [], requested = false): Distribution => ({
    name,
    version: '1',
    files: [],
    topLevel: [name],
    requires,
    requested,
  });

  it('names what no requirement leads to', () => {
    const all = [
      distribution('app', ['lib'], true),
      distribution('lib', ['deep']),
      distribution('deep', ['app']),
      distribution('stray', ['helper']),
      distribution('helper'),
      distribution('pyinstaller', ['altgraph'], true),
      distribution('altgraph'),
    ];
    expect([...findUnrequested(all, new Set(['pyinstaller']))].sort()).toEqual([
      'altgraph',
      'helper',
      'pyinstaller',
      'stray',
    ]);
  });

  it('names nothing when the installer left no marks', () => {
    expect(findUnrequested([distribution('a'), distribution('b')], new Set()).size).toBe(0);
  });
});
