import { arch, cpus, platform, release, totalmem } from 'node:os';

/** What the figures were taken on. */
export interface Machine {
  readonly system: string;
  readonly processor: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly node: string;
}

/** This machine. */
export function thisMachine(): Machine {
  const all = cpus();
  return {
    system: `${platform()} ${release()} ${arch()}`,
    processor: all[0]?.model.trim() ?? '?',
    cores: all.length,
    memoryGb: Math.round(totalmem() / 1e9),
    node: process.versions.node,
  };
}
