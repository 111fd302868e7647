import path from 'node:path';
import type { ResolvedRequirements } from './resolved.js';

/** The files that requirements name: what is installed is read from them. Absolute. */
export function requirementFiles(requirements: ResolvedRequirements): readonly string[] {
  switch (requirements.type) {
    case 'none':
      return [];
    case 'pip':
      return requirements.files;
    case 'project':
      return [path.join(requirements.directory, 'pyproject.toml')];
    case 'lock':
      return [requirements.file];
    default:
      return requirements satisfies never;
  }
}
