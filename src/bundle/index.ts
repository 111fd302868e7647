export {
  bundleFileCount,
  bundleSize,
  listBundle,
  type BundleEntry,
  type BundleFile,
  type BundleLink,
} from './walk.js';
export { assertLinks, linkProblems, type LinkProblem } from './links.js';
export { digestBundle, digestFile, type DigestOptions, type FileDigest } from './digest.js';
export {
  inspectBinary,
  inspectBundle,
  inspectBytes,
  type BinaryInfo,
  type DamagedBinary,
  type InspectedFile,
} from './inspect.js';
export { compareVersions, type ElfInfo } from './elf.js';
export type { PeInfo } from './pe.js';
export type { MachInfo, MachSlice } from './mach-o.js';
export { manifestDifferences } from './manifest-differences.js';
export { mapLimited } from './map-limited.js';
export type { BundleExpectations, BundleFacts, BundleProblem } from './checks.js';
export { readArchive, type Archive, type ArchiveEntry, type ArchiveModule } from './archive.js';
export { formatBytes } from './format-bytes.js';
export { advise, type Advice } from './advice.js';
export {
  inventory,
  type Inventory,
  type InventoryOptions,
  type Owner,
  type Part,
  type PartKind,
} from './inventory.js';
export { renderReport } from './report-html.js';
export { formatReport, type ReportHeading } from './report-table.js';
