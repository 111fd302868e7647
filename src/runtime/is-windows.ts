/** This app runs on Windows: no signals, no process groups, no modes of files. */
export const isWindows = process.platform === 'win32';
