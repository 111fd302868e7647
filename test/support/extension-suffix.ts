/** How the name of a compiled module ends that any Python of this system imports. */
export const extensionSuffix = process.platform === 'win32' ? '.pyd' : '.abi3.so';
