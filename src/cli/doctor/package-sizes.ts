import { normalizeName } from '../../lib/text.js';
import type { TargetPlatform } from '../../target.js';

/** What an environment and the bundle made from it take. */
export interface Sizes {
  readonly environmentBytes: number;
  readonly bundleBytes: number;
}

/** An estimate, and the packages it is mostly due to, the largest first. */
export interface SizeEstimate extends Sizes {
  readonly giants: readonly string[];
}

/** Any small server: Python's own files, pip, PyInstaller, a framework. */
const base: Sizes = { environmentBytes: 120_000_000, bundleBytes: 50_000_000 };

/** Megabytes of environment and bundle with everything a package brings along, rounded: PyTorch with CUDA as measured with wheels of 2026, the others roughly. */
const megabytes: Readonly<Record<string, readonly [environment: number, bundle: number]>> = {
  tensorflow: [2000, 1700],
  'tensorflow-cpu': [1300, 1100],
  jax: [450, 350],
  jaxlib: [400, 300],
  paddlepaddle: [900, 700],
  'onnxruntime-gpu': [700, 650],
  onnxruntime: [120, 60],
  pyside6: [700, 250],
  pyqt6: [250, 120],
  pyqt5: [250, 120],
  playwright: [150, 140],
  spacy: [350, 250],
  pyarrow: [160, 130],
  polars: [160, 150],
  'opencv-python': [190, 150],
  'opencv-python-headless': [160, 130],
  'opencv-contrib-python': [220, 180],
  'scikit-learn': [250, 180],
  scipy: [180, 130],
  pandas: [150, 90],
  matplotlib: [150, 90],
  numba: [250, 170],
  numpy: [80, 60],
  transformers: [150, 90],
  selenium: [60, 30],
};

/** PyTorch, and packages that require it. */
const withTorch: ReadonlySet<string> = new Set(
  'torch torchvision torchaudio peft accelerate bitsandbytes sentence-transformers pytorch-lightning lightning timm ultralytics easyocr openai-whisper vllm trl'.split(
    ' ',
  ),
);

/** From PyPI: with CUDA on Linux, without it elsewhere. */
const torch: Readonly<Record<'cuda' | 'cpu', readonly [environment: number, bundle: number]>> = {
  cuda: [5200, 5000],
  cpu: [900, 500],
};

/**
 * What an environment with these packages and a bundle of it will take, roughly: enough to know whether a disk has room. Pure.
 *
 * @param packages - names of the requirements.
 * @param otherIndex - an index of wheels without CUDA is asked too.
 */
export function estimateSizes(
  packages: Iterable<string>,
  platform: TargetPlatform,
  otherIndex: boolean,
): SizeEstimate {
  const names = new Set([...packages].map(normalizeName));
  const rows = [...names].flatMap((name) => {
    const row = megabytes[name];
    return row === undefined ? [] : [[name, ...row] as const];
  });
  const asking = [...names].find((name) => withTorch.has(name));
  if (asking !== undefined) {
    const kind = platform === 'linux' && !otherIndex ? 'cuda' : 'cpu';
    rows.push([kind === 'cuda' ? 'torch with CUDA' : 'torch', ...torch[kind]]);
  }
  rows.sort((a, b) => b[2] - a[2]);
  const total = (index: 1 | 2): number => rows.reduce((sum, row) => sum + row[index] * 1_000_000, 0);
  return {
    environmentBytes: base.environmentBytes + total(1),
    bundleBytes: base.bundleBytes + total(2),
    giants: rows.map(([name]) => name),
  };
}
