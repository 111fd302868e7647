/** What to write instead of a key that other tools use. */
export interface OtherSpelling {
  /** Our key, relative to the backend; absent: there is none. */
  readonly key?: string;
  /** A value to write, or a reason; a sentence without its end. */
  readonly note?: string;
}

const inSpec = (argument: string): string =>
  `write a spec of your own (pyinstaller.spec) with EXE(…, ${argument})`;

const notNeeded = (what: string): OtherSpelling => ({ note: `Leave it out: ${what}` });

const rows: readonly (readonly [spellings: string, instead: OtherSpelling])[] = [
  ['hiddenimport hiddenimports imports', { key: 'hiddenImports' }],
  ['datas adddata datafiles', { key: 'data', note: 'each item a path or { from, to }' }],
  ['addbinary addbinaries', { key: 'binaries', note: 'each item a path or { from, to }' }],
  ['exclude excludemodule excludemodules excludedmodules', { key: 'excludes' }],
  ['collectsubmodules', { key: 'collect.submodules' }],
  ['collectdata collectdatas', { key: 'collect.data' }],
  ['collectbinaries', { key: 'collect.binaries' }],
  ['collectall', { key: 'collect.all' }],
  ['copymetadata recursivecopymetadata', { key: 'collect.metadata' }],
  ['onefile', { key: 'pyinstaller.mode', note: "write mode: 'onefile'" }],
  ['onedir', { key: 'pyinstaller.mode', note: "write mode: 'onedir', which is the default" }],
  ['pathex', { key: 'pyinstaller.paths' }],
  ['additionalhooksdir additionalhooksdirs hookspath', { key: 'pyinstaller.hooks' }],
  ['runtimehook', { key: 'pyinstaller.runtimeHooks' }],
  ['modulecollectionmode', { key: 'pyinstaller.moduleCollectionMode' }],
  ['pythonoption', { key: 'pyinstaller.pythonOptions' }],
  [
    'noconsole windowed',
    {
      key: 'pyinstaller.console',
      note: 'best left out: the app starts the backend without a window in any case',
    },
  ],
  ['nowindowed', { key: 'pyinstaller.console' }],
  ['noupx', { key: 'pyinstaller.upx', note: 'UPX is off by default' }],
  ['upxdir', { key: 'pyinstaller.upx', note: 'upx is looked for on PATH' }],
  ['versionfile', { key: 'pyinstaller.versionInfo' }],
  ['argvemulation', notNeeded('the app hands its backend arguments with run.args')],
  ['bootloaderignoresignals', notNeeded('a program that ignores signals cannot be asked to end')],
  ['disablewindowedtraceback', notNeeded('a backend has its streams and opens no window for its traceback')],
  ['hideconsole', notNeeded('the app starts the backend without a console window')],
  [
    'uacadmin',
    notNeeded(`a backend has the rights of the app that starts it; else ${inSpec('uac_admin=True')}`),
  ],
  ['uacuiaccess', notNeeded(`a backend has no window; else ${inSpec('uac_uiaccess=True')}`)],
  ['targetarch targetarchitecture', notNeeded('the program is made for the architecture that is packaged')],
  ['noarchive', { key: 'pyinstaller.moduleCollectionMode', note: "by package, such as { engine: 'pyc' }" }],
  ['resource resources', { note: `Leave it out, or ${inSpec('resources=[…]')}` }],
  [
    'excludesystemlibraries',
    {
      note: 'Leave it out, or write a spec of your own (pyinstaller.spec) that calls a.exclude_system_libraries(…)',
    },
  ],
  ['osxentitlementsfile entitlementsfile', { key: 'pyinstaller.entitlements' }],
  ['specfile', { key: 'pyinstaller.spec' }],
  ['outputname executablename exename', { key: 'pyinstaller.name' }],
  ['distpath', notNeeded('the bundle goes into the cache and from there into the app')],
  ['workpath', notNeeded('a fresh work folder is used each time')],
  ['specpath', notNeeded('the spec is made in the work folder')],
  ['clean', notNeeded('every freeze begins in a fresh folder')],
  ['noconfirm', notNeeded('nothing is asked')],
  ['loglevel', notNeeded('the full log is always written to a file')],
  ['splash', notNeeded('a backend has no window; show start-up in the app with the events of the backend')],
  ['cipher blockcipher', notNeeded('PyInstaller 6 has no encryption any more')],
  ['osxbundleidentifier', notNeeded('the backend is part of the app and needs no identifier of its own')],
  ['script main entrypoint', { key: 'entry' }],
  ['asgi', { key: 'entry', note: "write entry: { asgi: 'main:app' }" }],
  ['wsgi', { key: 'entry', note: "write entry: { wsgi: 'app:app' }" }],
  ['module', { key: 'entry', note: "write entry: { module: 'engine' }" }],
  ['call', { key: 'entry', note: "write entry: { call: 'engine:main' }" }],
  ['consolescript', { key: 'entry', note: "write entry: { consoleScript: 'name' }" }],
  ['type', { key: 'kind' }],
  ['src sourcedir root directory pythonpath', { key: 'source' }],
  ['dependencies packages pip', { key: 'requirements' }],
  ['lock lockfile', { key: 'requirements', note: "write requirements: 'uv.lock'" }],
  ['pythonversion', { key: 'python.version' }],
  ['venv virtualenv', { key: 'python.env' }],
  ['environment', { key: 'run.env', note: 'or python.env, when the Python environment is meant' }],
  ['environmentvariables', { key: 'run.env' }],
  ['arguments argv', { key: 'run.args' }],
  ['workingdirectory', { key: 'run.cwd' }],
  ['dev development', { key: 'run.dev' }],
  ['watch', { key: 'run.dev.watch' }],
  ['port', { key: 'address.port', note: 'write address: { port: 8000 }' }],
  ['ports portrange', { key: 'address.port', note: 'write address: { port: [8000, 8010] }' }],
  ['host', { key: 'address.host' }],
  ['socket', { key: 'address', note: "write address: 'unix'" }],
  ['transport', { key: 'address' }],
  ['healthcheck', { key: 'health' }],
  ['healthpath readypath', { key: 'ready.http' }],
  ['startuptimeout starttimeout timeout', { key: 'ready.timeoutMs' }],
  ['maxrestarts', { key: 'restart.max' }],
  ['autorestart', { key: 'restart' }],
  ['shutdowntimeout gracems', { key: 'stop.graceMs' }],
  ['token', { key: 'auth.token' }],
  ['dependson after', { key: 'startAfter' }],
  ['smoketest', { key: 'verify' }],
  ['maxsize', { key: 'verify.maxSize', note: 'or logs.maxSize, when the size of log files is meant' }],
];

/**
 * Keys of PyInstaller's command line and spec files, and common guesses, with ours. Left side: lower case without `-`
 * and `_`. Source: PyInstaller's manual, "Options" and "Using Spec Files".
 */
export const otherSpellings: ReadonlyMap<string, OtherSpelling> = new Map(
  rows.flatMap(([spellings, instead]) =>
    spellings.split(' ').map((spelling) => [spelling, instead] as const),
  ),
);

/** Other names of platforms, as keys of `platforms`. */
export const platformSpellings: ReadonlyMap<string, string> = new Map(
  Object.entries({
    win32: 'win windows',
    'win32-x64': 'win64 windowsx64 winx64',
    darwin: 'mac macos osx mas',
    'darwin-arm64': 'macarm64 macosarm64',
    'darwin-x64': 'macx64 macosx64',
    'win32-arm64': 'winarm64',
    'linux-x64': 'linuxamd64 linuxx8664',
    'linux-arm64': 'linuxaarch64',
    'linux-armv7l': 'linuxarm',
  }).flatMap(([platform, spellings]) =>
    spellings.split(' ').map((spelling) => [spelling, platform] as const),
  ),
);
