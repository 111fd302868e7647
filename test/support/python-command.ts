/** How Python is called where it is on the search path: Windows knows no `python3`. */
export const pythonCommand = process.platform === 'win32' ? 'python' : 'python3';
