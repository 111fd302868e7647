/**
 * What stands for `{bundle}` in what a program in one file is given: only the program knows where it was unpacked. The companion replaces
 * it (companion/electron_pyinstaller/_unpacked.py).
 */
export const unpackedBundle = '{onefile:bundle}';
