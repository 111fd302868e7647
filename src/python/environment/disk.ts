import { readdirSync, readFileSync, statSync } from 'node:fs';
import type { DiskView } from '../find/path-search.js';
import { errorCode } from '../../lib/files.js';

/**
 * The real disk. A zero-byte Windows alias counts as a file although it cannot be opened, so that it can be named in the
 * refusal.
 */
export const realDisk: DiskView = {
  isFile(file) {
    try {
      return statSync(file).isFile();
    } catch (error) {
      // App execution aliases are reparse points that stat refuses with EACCES or UNKNOWN.
      const code = errorCode(error);
      return (
        process.platform === 'win32' && (code === 'EACCES' || code === 'UNKNOWN') && /WindowsApps/i.test(file)
      );
    }
  },
  list(folder) {
    try {
      return readdirSync(folder);
    } catch {
      return [];
    }
  },
  read(file) {
    try {
      return readFileSync(file, 'utf8');
    } catch {
      return null;
    }
  },
};
