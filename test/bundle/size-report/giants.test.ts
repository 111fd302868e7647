import { describe, expect, it } from 'vitest';
import { advise, formatReport, type Inventory, type Owner, type Part } from '../../../src/bundle/index.js';

type Content = readonly [path: string, megabytes: number, kind?: Part['kind']];

/** A stock of distributions by what is in them; `name 1.0` gives a version. */
function stock(distributions: Readonly<Record<string, readonly Content[]>>): Inventory {
  const parts: Part[] = [];
  const owners = Object.entries(distributions).map(([title, contents], index): Owner => {
    const [name = '', version = null] = title.split(' ');
    let bytes = 0;
    for (const [path, megabytes, kind = 'library'] of contents) {
      const size = megabytes * 1_000_000 + parts.length;
      bytes += size;
      parts.push({ owner: index, path, file: null, kind, bytes: size });
    }
    const type = name === 'own' ? 'own' : 'distribution';
    return {
      type,
      name,
      version,
      bytes,
      files: contents.length,
      modules: 0,
      strippableBytes: 0,
      spoiltByStrip: [],
    };
  });
  const totalBytes = owners.reduce((sum, owner) => sum + owner.bytes, 0);
  return { totalBytes, fileCount: parts.length, moduleCount: 0, owners, parts, distributions: [] };
}

const torch = {
  'torch 2.15.0': [
    ['torch/lib/libtorch_cpu.so', 400],
    ['torch/lib/libtorch_cuda.so', 900],
  ],
  'nvidia-cublas 13': [['nvidia/cu13/lib/libcublas.so.13', 500]],
  'nvidia-cudnn-cu13 9': [['nvidia/cudnn/lib/libcudnn.so.9', 800]],
  'triton 3': [['triton/_C/libtriton.so', 700]],
} as const;

const advice = async (of: Parameters<typeof stock>[0]) =>
  (await advise('/', stock(of))).map(({ id, edit, bytes }) => [id, edit, Math.round(bytes / 1_000_000)]);

describe('what is large in machine learning', () => {
  it('is CUDA first, with the index that has torch without it, and the compiler', async () => {
    expect(await advice(torch)).toEqual([
      ['cuda', "python: { extraIndexUrls: ['https://download.pytorch.org/whl/cpu'] }", 2900],
      ['triton', "excludes: ['triton']", 700],
    ]);
  });

  it('is told with what it costs', async () => {
    const all = stock(torch);
    const text = formatReport({ backend: 'engine', details: '' }, all, await advise('/', all));
    expect(text).toMatch(
      /2\.9 GB {2}CUDA[^\n]*\n[^\n]*extraIndexUrls[^\n]*\(costs the acceleration by graphics cards\)/,
    );
  });

  it('is known by folders where nothing is known of distributions', async () => {
    const rows = await advice({ torch: [['torch/lib/libtorch_cpu.so', 9]], nvidia: [['nvidia/x.so', 500]] });
    expect(rows.map(([id]) => id)).toEqual(['cuda']);
  });

  it('of torch from another index is that index, and without torch the requirement: no line does it', async () => {
    const { 'torch 2.15.0': own, ...rest } = torch;
    expect((await advice({ ...rest, 'torch 2.15.0+cu132': own }))[0]).toEqual(['cuda', null, 2900]);
    expect((await advice({ ...rest, 'jax 1': [] }))[0]).toEqual(['cuda', null, 2000]);
  });

  it('are models, in packages and in the own data', async () => {
    const rows = await advise(
      '/',
      stock({
        'whisper 1': [['whisper/assets/large.pt', 300, 'data']],
        own: [
          ['models/a.gguf', 200, 'data'],
          ['models/readme.bin', 1, 'data'],
        ],
      }),
    );
    expect(rows.map(({ title, examples }) => [title, ...examples])).toEqual([
      ['Models in whisper', 'whisper/assets/large.pt'],
      ['Models in own', 'models/a.gguf'],
    ]);
  });

  it('is nothing in a small backend', async () => {
    expect(
      await advice({ 'numpy 2': [['numpy.libs/libopenblas.so', 25]], 'torch 2+cpu': [['a.so', 90]] }),
    ).toEqual([]);
  });
});

describe('stripping', () => {
  const withSymbols = (spoiltByStrip: readonly string[]) => {
    const all = stock({ 'numpy 2': [['numpy.libs/libopenblas.so', 25]] });
    const owners = all.owners.map((owner) => ({ ...owner, strippableBytes: 5_000_000, spoiltByStrip }));
    return advise('/', { ...all, owners });
  };

  it('is advised where every library survives it', async () => {
    expect((await withSymbols([])).map(({ edit }) => edit)).toEqual(['pyinstaller: { strip: true }']);
  });

  it('is not advised when one library in the bundle does not', async () => {
    expect(await withSymbols(['numpy.libs/libopenblas.so'])).toEqual([]);
  });
});
