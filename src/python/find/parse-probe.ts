import * as z from 'zod';
import type { TargetArch } from '../../target.js';
import { type InterpreterProbe, type InterpreterProblem } from '../types.js';

/** What came of asking an interpreter about itself. */
export type ProbeResult =
  | { readonly ok: true; readonly probe: InterpreterProbe }
  | { readonly ok: false; readonly problem: InterpreterProblem; readonly detail: string };

const shape = z.object({
  executable: z.string().min(1),
  version: z.tuple([z.number(), z.number(), z.number()]),
  implementation: z.string(),
  platform: z.string(),
  machine: z.string(),
  pointerBits: z.number(),
  buildPlatform: z.string(),
  prefix: z.string(),
  basePrefix: z.string(),
  baseExecutable: z.string(),
  sharedLibrary: z.string().nullable(),
  soabi: z.string(),
  isConda: z.boolean(),
  hasVenv: z.boolean(),
  hasEnsurepip: z.boolean(),
  hasPip: z.boolean(),
  sitePackages: z.array(z.string()),
  pyinstaller: z.string().nullable(),
  hooksContrib: z.string().nullable(),
});

/** Read the probe's JSON. Anything but a complete answer of a known machine is a refusal. */
export function parseProbe(json: string): ProbeResult {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return { ok: false, problem: 'no-answer', detail: 'its answer was cut off' };
  }
  const parsed = shape.safeParse(value);
  if (!parsed.success) {
    const place = parsed.error.issues[0]?.path.join('.') ?? '';
    return { ok: false, problem: 'no-answer', detail: `its answer was incomplete (${place})` };
  }
  const arch = archOf(parsed.data);
  if (arch === null) {
    const { machine, pointerBits } = parsed.data;
    return { ok: false, problem: 'arch', detail: `Electron has no ${machine} (${pointerBits}-bit) build` };
  }
  return { ok: true, probe: { ...parsed.data, arch } };
}

const windowsArchs: Readonly<Record<string, TargetArch>> = {
  'win-amd64': 'x64',
  'win-arm64': 'arm64',
  win32: 'ia32',
};

/**
 * The architecture an interpreter runs as. On Windows `platform.machine()` is the machine's, not the program's, so its
 * build platform decides; elsewhere a 32-bit program on a 64-bit kernel is known by its pointers.
 */
export function archOf(facts: {
  readonly machine: string;
  readonly pointerBits: number;
  readonly buildPlatform: string;
}): TargetArch | null {
  const windows = windowsArchs[facts.buildPlatform];
  if (windows !== undefined) return windows;
  const wide = facts.pointerBits === 64;
  const machine = facts.machine.toLowerCase();
  if (machine === 'x86_64' || machine === 'amd64') return wide ? 'x64' : 'ia32';
  if (machine === 'aarch64' || machine === 'arm64') return wide ? 'arm64' : 'armv7l';
  if (/^i[3-6]86$/.test(machine)) return 'ia32';
  if (/^armv[78]/.test(machine)) return wide ? 'arm64' : 'armv7l';
  return null;
}
