import { stat, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ResolvedBackend, ResolvedConfig } from '../../config/resolved.js';
import { entryDir, readResult } from '../../freeze/cache/store.js';
import { readHistory } from '../../freeze/fingerprint/history.js';
import { formatBytes } from '../../lib/text.js';
import { estimateSizes } from './package-sizes.js';
import { asksForCpu, requirementNames } from './requirement-names.js';
import type { CheckResult } from './types.js';

/** What a build of one backend takes. */
export interface BackendNeed {
  readonly name: string;
  /** 0: it was made already. */
  readonly environmentBytes: number;
  readonly bundleBytes: number;
  /** A onefile program unpacks itself into the temporary folder. */
  readonly unpacks: boolean;
  /** Where the numbers are from, e.g. `as last time`, `estimated: torch with CUDA`. */
  readonly source: string;
}

/** A place that a build writes to. */
export interface DiskPlace {
  readonly id: 'cache' | 'temporary' | 'output';
  readonly folder: string;
  /** Same for places on the same file system. */
  readonly device: string;
  readonly freeBytes: number;
}

/** Downloads of pip and the files it unpacks before they are in place, of the size of the environment. */
const downloadShare = 0.55;
/** PyInstaller's own intermediate files, of the size of the bundle. */
const workShare = 0.1;
/** Logs, locks, small files. */
const restBytes = 50_000_000;

/** Free space where environments, bundles and packaged apps go, compared with what this project will need there. */
export async function checkDisks(config: ResolvedConfig, platform: NodeJS.Platform): Promise<CheckResult[]> {
  const frozenHere = config.backends.filter(
    ({ prebuilt, target }) => prebuilt === null && target.platform === platform,
  );
  const needs: BackendNeed[] = [];
  for (const backend of frozenHere) needs.push(await needOf(backend, config.cacheDir));
  const folders = { cache: config.cacheDir, temporary: tmpdir(), output: config.projectDir } as const;
  const places: DiskPlace[] = [];
  for (const [id, folder] of Object.entries(folders) as [DiskPlace['id'], string][]) {
    const place = await lookAt(id, folder);
    if (place !== null) places.push(place);
  }
  if (!places.some(({ id }) => id === 'cache')) {
    const detail = `unknown for ${config.cacheDir}`;
    return [{ id: 'disk', title: 'Disk space', status: 'warn', detail }];
  }
  return judgeDisks(places, needs, platform);
}

async function needOf(backend: ResolvedBackend, cacheDir: string): Promise<BackendNeed> {
  const unpacks = backend.pyinstaller.mode === 'onefile';
  const { name } = backend;
  const key = (await readHistory(cacheDir, backend))?.key;
  const last = key === undefined ? null : await readResult(entryDir(cacheDir, key));
  if (last !== null) {
    return { name, environmentBytes: 0, bundleBytes: last.sizeBytes, unpacks, source: 'as last time' };
  }
  const { requirements, python, target } = backend;
  const names = await requirementNames(requirements);
  const otherIndex =
    [...python.extraIndexUrls, python.indexUrl ?? ''].some((url) => /\/cpu\b/.test(url)) ||
    (await asksForCpu(requirements));
  const estimate = estimateSizes(names, target.platform, otherIndex);
  const giants = estimate.giants.slice(0, 3).join(', ');
  return {
    name,
    environmentBytes: python.env.type === 'managed' ? estimate.environmentBytes : 0,
    bundleBytes: estimate.bundleBytes,
    unpacks,
    source: giants === '' ? 'estimated' : `estimated from ${giants}`,
  };
}

/** The nearest folder that exists is on the same disk. */
async function lookAt(id: DiskPlace['id'], folder: string): Promise<DiskPlace | null> {
  for (let place = path.resolve(folder); ; place = path.dirname(place)) {
    const [space, stats] = [await statfs(place).catch(() => null), await stat(place).catch(() => null)];
    if (space !== null && stats !== null)
      return { id, folder: place, device: String(stats.dev), freeBytes: space.bavail * space.bsize };
    if (path.dirname(place) === place) return null;
  }
}

const placeNames = { cache: 'cache', temporary: 'temporary folder', output: 'output folder' } as const;

const remedies = {
  cache:
    '`npx electron-pyinstaller clean` empties the cache; `cacheDir` or ELECTRON_PYINSTALLER_CACHE=<folder> puts it on another disk',
  temporary: 'TMPDIR=<folder> (Windows: TEMP) names another temporary folder',
  output: 'the packager can write to another disk',
} as const;

/** Compare each file system with what all places on it need together. Pure. */
export function judgeDisks(
  places: readonly DiskPlace[],
  needs: readonly BackendNeed[],
  platform: NodeJS.Platform,
): CheckResult[] {
  const devices = [...new Set(places.map(({ device }) => device))];
  return devices.map((device): CheckResult => {
    const here = places.filter((place) => place.device === device);
    const [first] = here as [DiskPlace, ...DiskPlace[]];
    const needed = here.reduce((sum, { id }) => sum + neededBytes(id, needs, platform), 0);
    const { freeBytes, folder } = first;
    const names = here.map(({ id }) => placeNames[id]).join(', ');
    const detail = [
      `${formatBytes(freeBytes)} free at ${folder} (${names}), ${formatBytes(needed)} needed`,
      // Said once, where most of it goes.
      ...(first.id === 'cache' ? needs.map((need) => describe(need)) : []),
    ].join('\n');
    const result = {
      id: first.id === 'cache' ? 'disk' : `disk:${first.id}`,
      title: 'Disk space',
      detail: needs.length === 0 ? (detail.split(',')[0] ?? detail) : detail,
    };
    const status = judgeSpace(freeBytes, needed, first.id);
    if (status === 'ok') return { ...result, status };
    const missing = needed > freeBytes ? ` ${formatBytes(needed - freeBytes)} more` : ' some space';
    const fix = `Free${missing} there: ${here.map(({ id }) => remedies[id]).join('; ')}.`;
    return { ...result, status, fix: [fix, ...cudaAdvice(needs)].join('\n') };
  });
}

/** The numbers are estimates: only what is clearly too little fails. */
export function judgeSpace(
  freeBytes: number,
  needed: number,
  id: DiskPlace['id'] = 'cache',
): CheckResult['status'] {
  const floor = id === 'cache' ? 500_000_000 : 50_000_000;
  if (freeBytes < Math.max(needed * 0.75, floor)) return 'fail';
  return freeBytes < Math.max(needed * 1.1, floor * 4) ? 'warn' : 'ok';
}

function neededBytes(id: DiskPlace['id'], needs: readonly BackendNeed[], platform: NodeJS.Platform): number {
  const sum = (of: (need: BackendNeed) => number): number =>
    needs.reduce((total, need) => total + of(need), 0);
  const bundles = sum(({ bundleBytes }) => bundleBytes);
  switch (id) {
    case 'cache': {
      // Elsewhere the check of the bundle shares its blocks or files.
      const copies = platform === 'win32' ? 2 : 1;
      const environments = sum(({ environmentBytes }) => environmentBytes);
      return environments * (1 + downloadShare) + bundles * (copies + workShare) + restBytes;
    }
    case 'temporary':
      return restBytes + sum(({ unpacks, bundleBytes }) => (unpacks ? bundleBytes : 0));
    case 'output':
      return bundles;
    default:
      return id satisfies never;
  }
}

function describe({ name, environmentBytes, bundleBytes, source }: BackendNeed): string {
  const environment =
    environmentBytes === 0
      ? ''
      : `environment ${formatBytes(environmentBytes)} and ${formatBytes(environmentBytes * downloadShare)} while it is installed, `;
  return `${name}: ${environment}bundle ${formatBytes(bundleBytes)} in the cache and again in the app (${source}); installers come on top`;
}

function cudaAdvice(needs: readonly BackendNeed[]): string[] {
  return needs.some(({ source }) => source.includes('CUDA'))
    ? [
        "On Linux PyPI has PyTorch with CUDA. Without graphics cards a sixth of it is enough: python: { extraIndexUrls: ['https://download.pytorch.org/whl/cpu'] }",
      ]
    : [];
}
