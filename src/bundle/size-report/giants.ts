import { normalizeName } from '../../lib/text.js';
import type { Advice } from './advice-item.js';
import type { Inventory, Owner, Part } from './inventory.js';

/** Libraries of NVIDIA, by the names of their distributions and, where those are not known, of their folders. */
const cudaOwner = /^(?:nvidia|cuda)(?:$|-)|^triton$/;
/** What torch itself has for graphics cards. */
const cudaPart = /(?:^|\/)lib(?:torch_cuda|c10_cuda|caffe2_nvrtc|torch_nvshmem)[\w.-]*$/;
const model =
  /\.(?:safetensors|gguf|ggml|onnx|pth?|ckpt|h5|hdf5|keras|tflite|pb|mlmodel|weights|caffemodel|npz|joblib|pkl|bin|model)$/i;

/** Fewer bytes are no giant. */
const giantBytes = 100_000_000;
const modelBytes = 20_000_000;

/** What is large because of what a package is made for: only the project can tell whether it needs that. */
export function giants(stock: Inventory): Advice[] {
  return [...cuda(stock), ...compiler(stock), ...models(stock)];
}

function isDistribution(owner: Owner, name: string): boolean {
  return owner.type === 'distribution' && normalizeName(owner.name) === name;
}

function cuda(stock: Inventory): Advice[] {
  const owners = stock.owners.filter(
    (owner) => owner.type === 'distribution' && cudaOwner.test(normalizeName(owner.name)),
  );
  const torch = stock.owners.find((owner) => isDistribution(owner, 'torch'));
  const parts = stock.parts.filter(
    (part) => torch !== undefined && stock.owners[part.owner] === torch && cudaPart.test(part.path),
  );
  const bytes = sum([...owners, ...parts]);
  if (bytes < giantBytes) return [];
  const isFromOtherIndex = torch?.version?.includes('+') === true;
  const isPlain = torch !== undefined && !isFromOtherIndex;
  return [
    {
      id: 'cuda',
      title: 'CUDA: libraries that only machines with an NVIDIA graphics card use',
      detail: isPlain
        ? 'On Linux PyPI has torch with CUDA only; another index has it without.'
        : `${isFromOtherIndex ? 'Take the index with CUDA out of `python.extraIndexUrls`' : 'Name the variant without CUDA in the requirements (`tensorflow`, `jax`, `onnxruntime`)'}.`,
      edit: isPlain ? "python: { extraIndexUrls: ['https://download.pytorch.org/whl/cpu'] }" : null,
      costs: 'the acceleration by graphics cards',
      bytes,
      examples: owners.slice(0, 3).map(({ name }) => name),
    },
  ];
}

function compiler(stock: Inventory): Advice[] {
  const triton = stock.owners.find((owner) => isDistribution(owner, 'triton'));
  if (triton === undefined || triton.bytes < giantBytes) return [];
  return [
    {
      id: 'triton',
      title: 'triton, the compiler of torch.compile',
      detail:
        'It costs `torch.compile` and kernels written in Triton, on graphics cards; nothing else of torch uses it.',
      edit: "excludes: ['triton']",
      costs: '`torch.compile` on graphics cards, and kernels written in Triton',
      bytes: triton.bytes,
      examples: [],
    },
  ];
}

function models(stock: Inventory): Advice[] {
  return stock.owners.flatMap((owner, index): Advice[] => {
    const parts = stock.parts.filter(
      (part) =>
        part.owner === index && part.kind === 'data' && part.bytes >= modelBytes && model.test(part.path),
    );
    if (parts.length === 0) return [];
    return [
      {
        id: 'models',
        title: `Models in ${owner.name}`,
        detail:
          'Every update of the app ships them again. The backend can fetch them when they are first needed, into `electron_pyinstaller.user_data()`.',
        edit: null,
        costs: 'a connection at the first use',
        bytes: sum(parts),
        examples: parts.slice(0, 3).map((part: Part) => part.path),
      },
    ];
  });
}

function sum(things: readonly { readonly bytes: number }[]): number {
  return things.reduce((total, { bytes }) => total + bytes, 0);
}
