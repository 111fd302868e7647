import { pathOf, variable, type DiskView } from '../find/path-search.js';

/** Where settings of pip and uv may stand. */
export interface SettingsPlaces {
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly homeDir: string;
}

/** What pip is told besides its command line, by the long name of the option (`index-url`): variables go before files. */
export function pipSettings(places: SettingsPlaces, disk: DiskView): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  for (const section of ['global', 'install'])
    for (const file of pipFiles(places, disk))
      for (const [name, value] of sectionOf(disk.read(file) ?? '', section)) settings.set(name, value);
  for (const [name, value] of Object.entries(places.env)) {
    const option = /^PIP_(\w+)$/.exec(name)?.[1]?.toLowerCase().replaceAll('_', '-');
    if (option !== undefined && value !== undefined && value !== '') settings.set(option, value);
  }
  settings.delete('config-file');
  return settings;
}

/** Least important first, as pip reads them; the file of an environment that is made now is not there yet. */
function pipFiles(places: SettingsPlaces, disk: DiskView): string[] {
  const own = variable(places.env, 'PIP_CONFIG_FILE', places.platform);
  if (own === '/dev/null' || own?.toLowerCase() === 'nul') return [];
  const { shared, personal } = usualFiles(places);
  // A file that is named stands for those of the user.
  return own !== undefined && disk.isFile(own) ? [...shared, own] : [...shared, ...personal];
}

function usualFiles({ env, platform, homeDir }: SettingsPlaces): { shared: string[]; personal: string[] } {
  const paths = pathOf(platform);
  if (platform === 'win32') {
    const all = variable(env, 'ProgramData', platform) ?? String.raw`C:\ProgramData`;
    const roaming = variable(env, 'APPDATA', platform) ?? paths.join(homeDir, String.raw`AppData\Roaming`);
    const [shared = '', ...personal] = [all, homeDir, roaming].map((folder) =>
      paths.join(folder, 'pip', 'pip.ini'),
    );
    return { shared: [shared], personal };
  }
  const legacy = paths.join(homeDir, '.pip', 'pip.conf');
  const config = variable(env, 'XDG_CONFIG_HOME', platform) ?? paths.join(homeDir, '.config');
  const user = paths.join(config, 'pip', 'pip.conf');
  if (platform === 'darwin') {
    const support = 'Library/Application Support/pip/pip.conf';
    return { shared: [`/${support}`], personal: [legacy, user, paths.join(homeDir, support)] };
  }
  const system = (variable(env, 'XDG_CONFIG_DIRS', platform) ?? '/etc/xdg').split(':');
  const shared = [...system.map((folder) => paths.join(folder, 'pip', 'pip.conf')), '/etc/pip.conf'];
  return { shared, personal: [legacy, user] };
}

/** The keys of one section. A value goes on in indented lines. */
function sectionOf(text: string, section: string): [string, string][] {
  const found: [string, string][] = [];
  let current = '';
  for (const line of text.split(/\r?\n/)) {
    const last = found.at(-1);
    const [, name] = /^\[([^\]]+)\]/.exec(line) ?? [];
    if (name !== undefined) current = name.trim();
    else if (/^\s*(?:[#;].*)?$/.test(line) || current !== section) continue;
    else if (/^\s/.test(line) && last !== undefined) last[1] = `${last[1]}\n${line.trim()}`.trim();
    else {
      const [, key = '', value = ''] = /^([^=:]+?)\s*[=:]\s*(.*)$/.exec(line) ?? [];
      if (key !== '') found.push([key.toLowerCase().replaceAll('_', '-'), value.trim()]);
    }
  }
  return found;
}

const uvIndexVariables = [
  'UV_CONFIG_FILE',
  'UV_DEFAULT_INDEX',
  'UV_INDEX',
  'UV_INDEX_URL',
  'UV_EXTRA_INDEX_URL',
  'UV_FIND_LINKS',
];

/** Somebody told uv where packages come from: its own settings count then, not those of pip. */
export function isUvSetUp({ env, platform, homeDir }: SettingsPlaces, disk: DiskView): boolean {
  if (uvIndexVariables.some((name) => variable(env, name, platform) !== undefined)) return true;
  const paths = pathOf(platform);
  const folders =
    platform === 'win32'
      ? ['APPDATA', 'ProgramData'].map((name) => variable(env, name, platform) ?? homeDir)
      : [variable(env, 'XDG_CONFIG_HOME', platform) ?? paths.join(homeDir, '.config'), '/etc'];
  return folders.some((folder) => disk.isFile(paths.join(folder, 'uv', 'uv.toml')));
}
