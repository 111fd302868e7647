export {
  bundleFileCount,
  bundleSize,
  listBundle,
  type BundleEntry,
  type BundleFile,
  type BundleLink,
} from './walk.js';
export { unpackedBundle } from './unpacked-bundle.js';
export { assertLinks, linkProblems, type LinkProblem } from './links.js';
export { digestBundle, digestFile, type DigestOptions, type FileDigest } from './digest.js';
export {
  inspectBinary,
  inspectBundle,
  inspectBytes,
  type BinaryInfo,
  type DamagedBinary,
  type InspectedFile,
} from './binary/inspect.js';
export type { ElfInfo } from './binary/elf.js';
export type { PeInfo } from './binary/pe.js';
export type { MachInfo, MachSlice } from './binary/mach-o.js';
export { isSameContent, manifestDifferences } from './manifest-differences.js';
export type { BundleExpectations, BundleFacts, BundleProblem } from './checks.js';
export { readArchive, type Archive, type ArchiveEntry, type ArchiveModule } from './archive/archive.js';
export { advise } from './size-report/advice.js';
export type { Advice } from './size-report/advice-item.js';
export {
  inventory,
  type Inventory,
  type InventoryOptions,
  type Owner,
  type Part,
  type PartKind,
} from './size-report/inventory.js';
export { readDistributions } from './size-report/distributions.js';
export { builtScript, fact, htmlPage } from './size-report/html-page.js';
export { renderReport } from './size-report/report-html.js';
export { formatReport, type ReportHeading } from './size-report/report-table.js';
