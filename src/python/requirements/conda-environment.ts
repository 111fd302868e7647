import * as z from 'zod';
import { createRequire } from 'node:module';
import type * as yamlModule from 'yaml';
import { PyInstallerError } from '../../errors.js';
import { normalizeName } from '../../lib/text.js';

const shape = z.looseObject({
  dependencies: z
    .array(z.union([z.string(), z.looseObject({ pip: z.array(z.string()).optional() })]))
    .nullish(),
});

/** What a conda `environment.yml` lists. */
export interface CondaEnvironment {
  /** Lines for pip. */
  readonly pip: readonly string[];
  /** What conda itself installs, as written, without Python and pip. */
  readonly conda: readonly { readonly name: string; readonly written: string }[];
}

/** Packages that are no Python modules, or come with Python. */
const notForPrograms =
  /^(?:python|pip|setuptools|wheel|conda|mamba|nodejs|openssl|ca-certificates|_?lib.*|_openmp.*|ld_impl.*|.*-compilers?|compilers|gcc.*|gxx.*|make|cmake|ninja|git|cudatoolkit|cuda.*|cudnn|mkl|blas|bzip2|zlib|xz|readline|sqlite|tk|ncurses|tzdata|ffmpeg|vs20.*|vc|ucrt|icu|nomkl)$/i;

/** Names on PyPI where they differ from conda's. */
const onPypi: Readonly<Record<string, string>> = {
  pytorch: 'torch',
  'pytorch-cpu': 'torch',
  'pytorch-gpu': 'torch',
  opencv: 'opencv-python',
  'py-opencv': 'opencv-python',
  pytables: 'tables',
  'msgpack-python': 'msgpack',
  'graphviz-python': 'graphviz',
  'matplotlib-base': 'matplotlib',
  'python-kaleido': 'kaleido',
  'tensorflow-base': 'tensorflow',
  'py-xgboost': 'xgboost',
  'seaborn-base': 'seaborn',
};

/**
 * Read a conda environment.
 *
 * @throws PyInstallerError `ERR_ENVIRONMENT` when it is none.
 */
export function readCondaEnvironment(text: string, file: string): CondaEnvironment {
  let content: unknown;
  try {
    // Loaded when it is needed: few projects have such a file.
    content = (createRequire(import.meta.url)('yaml') as typeof yamlModule).parse(text);
  } catch (cause) {
    throw unreadable(file, String(cause).split('\n')[0] ?? '', cause);
  }
  const parsed = shape.safeParse(content);
  if (!parsed.success) throw unreadable(file, 'it has no list "dependencies"', parsed.error);
  const items = parsed.data.dependencies ?? [];
  return {
    pip: items.flatMap((item) => (typeof item === 'string' ? [] : (item.pip ?? []))),
    conda: items.flatMap((item) => {
      if (typeof item !== 'string') return [];
      const name = /^(?:[\w.-]+::)?([\w.-]+)/.exec(item.trim())?.[1] ?? item;
      return notForPrograms.test(name) ? [] : [{ name, written: item.trim() }];
    }),
  };
}

/** What a package of conda is called on PyPI, with its version: `numpy=1.26` is `numpy==1.26.*`. A proposal, no more. Pure. */
export function pypiRequirement(written: string): string {
  const [, name = written, rest = ''] = /^(?:[\w.-]+::)?([\w.-]+)\s*(.*)$/.exec(written) ?? [];
  const plain = onPypi[name.toLowerCase()] ?? name;
  const [version = '', build] = rest.replace(/^=(?!=)/, '').split('=');
  if (rest === '' || rest === '*') return plain;
  if (/^[<>!~]|^==/.test(rest)) return `${plain}${rest.replaceAll(/\s+/g, '')}`;
  if (build !== undefined) return `${plain}==${version}`;
  return version.endsWith('*') ? `${plain}==${version.replace(/\.?\*$/, '.*')}` : `${plain}==${version}.*`;
}

/** Packages of conda that no requirement of pip names. Pure. */
export function missingFromPip(environment: CondaEnvironment, named: readonly string[]): string[] {
  const names = new Set(
    [...named, ...environment.pip].map((line) => normalizeName(/^[\w.-]+/.exec(line)?.[0] ?? '')),
  );
  return environment.conda
    .map(({ written }) => pypiRequirement(written))
    .filter((requirement) => !names.has(normalizeName(/^[\w.-]+/.exec(requirement)?.[0] ?? '')));
}

function unreadable(file: string, what: string, cause: unknown): PyInstallerError {
  return new PyInstallerError('ERR_ENVIRONMENT', `Could not read the conda environment ${file}: ${what}.`, {
    file,
    cause,
    hint: "Repair it, or name the packages themselves: requirements: ['numpy', …].",
  });
}
