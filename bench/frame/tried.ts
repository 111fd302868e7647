/** What was tried to make a start shorter: with the example, in processor time of the program until it is ready, of medians in turn. */
export const tried: readonly (readonly [what: string, gave: string])[] = [
  ['Modules of a folder are not compressed', '11 % of the time, measured earlier; taken'],
  [
    'No search for garbage while the application is imported, what is there then counting as old',
    '18 %; taken for applications and functions, whose imports have an end that is known',
  ],
  [
    "PyInstaller's runtime hook for setuptools, which is in the example, loads it when it is used",
    '8 %; taken',
  ],
  ['The digest of the core files is computed beside the start', 'its 80 ms, measured earlier; taken'],
  [
    'No comparison of the core files at all (`integrity: off`)',
    '5 % of `start()` on two busy cores, where it takes time from the program; not taken',
  ],
  [
    "PyInstaller's hooks for inspect and multiprocessing load nothing",
    'nothing: uvicorn and asyncio load the same; 7 ms of a program that needs neither',
  ],
  [
    'The archive of modules is read through one open file, without zlib',
    '1 %; not taken: a file that stays open is in the way of updates',
  ],
  ['No search for garbage in what comes before the application either', '1 %; not taken'],
  ['`optimize: 2`', '2 %; not taken: without `assert` and docstrings some packages fail'],
  [
    'Listening before importing',
    'nothing: ready means that the application answers, which no sooner happens',
  ],
  [
    'Files not in memory (Linux, caches dropped before each start, a virtual disk)',
    'ours 373 to 509 ms, that of PyInstaller 465 to 534: about the same ratio',
  ],
];
