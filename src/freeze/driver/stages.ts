import type { DriverRecord } from './records.js';

/** A step of PyInstaller's work, in the words shown to people. */
export interface StageStep {
  readonly stage: string;
  readonly title: string;
}

/** Which message begins which stage, in the order in which PyInstaller says them. */
const stages: readonly { readonly pattern: RegExp; readonly stage: string; readonly title: string }[] = [
  { pattern: /^PyInstaller: /, stage: 'start', title: 'Starting PyInstaller' },
  { pattern: /^Initializing module dependency graph/, stage: 'graph', title: 'Reading the standard library' },
  {
    pattern: /^Analyzing (?:modules for )?base_library\.zip/,
    stage: 'graph',
    title: 'Reading the standard library',
  },
  { pattern: /^Analyzing (?!hidden import|run-time hooks)(\S.*)$/, stage: 'analyze', title: 'Analyzing $1' },
  { pattern: /^Analyzing hidden import '(.+)'/, stage: 'analyze', title: 'Analyzing hidden imports' },
  { pattern: /^Processing module hooks/, stage: 'hooks', title: 'Processing package hooks' },
  {
    pattern: /^Performing binary vs\. data reclassification/,
    stage: 'hooks',
    title: 'Sorting binaries and data',
  },
  { pattern: /^Looking for ctypes DLLs/, stage: 'libraries', title: 'Looking for libraries' },
  { pattern: /^Looking for dynamic libraries/, stage: 'libraries', title: 'Looking for dynamic libraries' },
  {
    pattern: /^Building PYZ .*(?<!completed successfully\.)$/,
    stage: 'pyz',
    title: 'Packing Python modules',
  },
  {
    pattern: /^Building PKG .*(?<!completed successfully\.)$/,
    stage: 'program',
    title: 'Building the program',
  },
  { pattern: /^Building EXE from (?!.*completed)/, stage: 'program', title: 'Building the program' },
  { pattern: /^Building COLLECT (?!because)(?!.*completed)/, stage: 'collect', title: 'Collecting files' },
];

/** The stage a record begins; null: it belongs to the running one. */
export function stageOf(record: DriverRecord): StageStep | null {
  if (record.type === 'stage') return { stage: record.stage, title: record.title };
  if (record.type !== 'log' || record.level !== 'INFO') return null;
  for (const { pattern, stage, title } of stages) {
    const match = pattern.exec(record.message);
    if (match === null) continue;
    const subject = match[1];
    return { stage, title: subject === undefined ? title : title.replace('$1', shortName(subject)) };
  }
  return null;
}

/** `Analyzing /a/b/main.py` is about main.py; our own scripts stand for the program. */
function shortName(subject: string): string {
  const name = subject.replaceAll('\\', '/').split('/').at(-1) ?? subject;
  return name.startsWith('electron_pyinstaller_') ? 'the program' : name;
}

/** What a silent stretch is busy with, from the last record. For heartbeats. */
export function activityOf(record: DriverRecord): string | null {
  if (record.type !== 'log') return null;
  const hook = /^Processing \S+ module hook 'hook-(.+)\.py'/.exec(record.message);
  if (hook?.[1] !== undefined) return `package ${hook[1]}`;
  const hidden = /^Analyzing hidden import '(.+)'/.exec(record.message);
  if (hidden?.[1] !== undefined) return hidden[1];
  return null;
}

/** One line of the full log. */
export function formatRecord(record: DriverRecord): string {
  const time = (record.ms / 1000).toFixed(1).padStart(7);
  switch (record.type) {
    case 'log': {
      const hook = record.hook === undefined ? '' : ` [${record.hook}]`;
      const trace = record.traceback === undefined ? '' : `\n${record.traceback}`;
      return `${time} ${record.level} ${record.message}${hook}${trace}`;
    }
    case 'stage':
      return `${time} -- ${record.title}`;
    case 'problem':
      return `${time} PROBLEM ${record.code} ${record.name} (${record.path}): ${record.message}`;
    case 'crash':
      return `${time} CRASH ${record.traceback}`;
    case 'exit':
      return `${time} EXIT ${record.code}${record.message === null ? '' : ` ${record.message}`}`;
    default:
      return record satisfies never;
  }
}
