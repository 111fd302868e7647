/** Names the folder that holds the temporary folders of this run's workers: two runs on one machine must not see each other's. */
export const workersFolderVariable = 'ELECTRON_PYINSTALLER_TEST_WORKERS';
