import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';
import { python3 } from '../python/real-pythons.js';
import { moduleName } from '../../src/freeze/sources.js';
import { writeFiles } from '../support/files.js';
import { repositoryDir } from '../support/paths.js';

const harness = `
import json, sys
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
import ast
from freezer import frameworks, modules, plugins
def groups_in(name, file):
    try:
        return plugins.asked_groups(name, ast.parse(open(file).read()))
    except SyntaxError:
        return set()
root = sys.argv[2]
code = json.loads(sys.argv[3])
settings = frameworks.django_settings(code)
apps = []
for name in settings:
    spec = modules.locate(name, [root])
    if spec is not None:
        texts, entries = frameworks.dotted_texts(spec.origin)
        apps = sorted(filter(None, {frameworks.app_package(entry, [root]) for entry in entries}))
        texts = sorted(filter(None, {frameworks.deepest_module(text, [root]) for text in texts if "." in text}))
print(json.dumps({
    "targets": frameworks.server_targets(code),
    "groups": sorted(set().union(*(groups_in(name, file) for name, file in code))),
    "settings": settings,
    "apps": apps,
    "modules": texts if apps else [],
    "data": [name for name in apps if frameworks.has_data(name, [root])],
}))
`;

interface Found {
  readonly targets: readonly string[];
  readonly groups: readonly string[];
  readonly settings: readonly string[];
  readonly apps: readonly string[];
  readonly modules: readonly string[];
  readonly data: readonly string[];
}

/** What the presets read out of a project's code. */
async function read(files: Readonly<Record<string, string>>): Promise<Found> {
  const root = await writeFiles(files);
  const code = Object.keys(files).flatMap((file) => {
    const name = moduleName(file);
    return name === null ? [] : [[name, path.join(root, file)]];
  });
  const args = ['-c', harness, path.join(repositoryDir, 'companion'), root, JSON.stringify(code)];
  return JSON.parse(execFileSync(python3(), args, { encoding: 'utf8' })) as Found;
}

test.each([
  ['import uvicorn\nuvicorn.run("web.api:app", port=1)', ['web.api']],
  ['from uvicorn import run\nrun("api:app")', ['api']],
  ['import uvicorn\nuvicorn.Server(uvicorn.Config("api:app")).run()', ['api']],
  ['import uvicorn\nuvicorn.run(app="api:app")', ['api']],
  ['import uvicorn\nuvicorn.run("elsewhere:app")', []],
  ['import uvicorn\nfrom api import app\nuvicorn.run(app)', []],
  ['import subprocess\nsubprocess.run(["api", "x"])', []],
  ['print("api:app")', []],
])('the application a server is given as text: %j', async (main, targets) => {
  const found = await read({ 'main.py': main, 'api.py': '', 'web/__init__.py': '', 'web/api.py': '' });
  expect(found.targets).toEqual(targets);
});

test.each([
  ['from importlib.metadata import entry_points\nentry_points(group="app.plugins")', ['app.plugins']],
  [
    'import importlib.metadata as m\nm.entry_points().select(group="a")\nm.entry_points(name="x", group="b")',
    ['a', 'b'],
  ],
  ['import pkg_resources\npkg_resources.iter_entry_points("old")', ['old']],
  ['from importlib.metadata import entry_points\ndef f(name):\n    return entry_points(group=name)', []],
  ['def broken(:\n', []],
])('the groups of plugins the code asks for by a literal: %j', async (main, groups) => {
  expect((await read({ 'main.py': main })).groups).toEqual(groups);
});

test.each([
  'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "site.settings")',
  'import os\nos.environ["DJANGO_SETTINGS_MODULE"] = "site.settings"',
])('the settings of Django: %j', async (main) => {
  expect((await read({ 'main.py': main })).settings).toEqual(['site.settings']);
});

test('applications of Django are whole packages, also when their configuration class is named', async () => {
  const found = await read({
    'manage.py': 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")\n',
    'mysite/__init__.py': '',
    'mysite/settings.py': [
      'INSTALLED_APPS = ["polls.apps.PollsConfig", "notes", "no.such.app"]',
      'INSTALLED_APPS += ["extra.deep"]',
      'MIDDLEWARE = ["polls.middleware.Stamp"]',
      'ROOT_URLCONF = "mysite.urls"',
    ].join('\n'),
    'mysite/urls.py': '',
    'polls/__init__.py': '',
    'polls/apps.py': '',
    'polls/middleware.py': '',
    'polls/templates/polls/index.html': '<p></p>',
    'notes/__init__.py': '',
    'extra/__init__.py': '',
    'extra/deep/__init__.py': '',
  });
  expect(found).toEqual({
    targets: [],
    groups: [],
    settings: ['mysite.settings'],
    apps: ['extra.deep', 'notes', 'polls'],
    modules: ['extra.deep', 'mysite.urls', 'polls.apps', 'polls.middleware'],
    data: ['polls'],
  });
});
