const code = /\.(?:py|pyi|pyx|pyd|so|dll|dylib)$|\.so\.[\d.]+$/i;

/** Whether a file is, by its name, a module or a library: what PyInstaller may take from the sources without being told. */
export function isCodeName(name: string): boolean {
  return code.test(name);
}
