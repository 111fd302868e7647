import { execFileSync } from 'node:child_process';
import path from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { python3 } from '../python/real-pythons.js';
import { temporaryFolder, writeFiles } from '../support/files.js';
import { repositoryDir } from '../support/paths.js';

const harness = `
import json, os, sys
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
from freezer import trial
folder = sys.argv[2]

def locate(name):
    for file in (name.replace(".", "/") + ".py", name.replace(".", "/") + "/__init__.py"):
        if os.path.exists(os.path.join(folder, file)):
            return os.path.join(folder, file)

print(json.dumps([
    trial.arguments(locate, target=each["target"]) if each["target"] else trial.arguments(locate, file=each["file"])
    for each in json.load(sys.stdin)
]))
`;

const stock = {
  'cli.py':
    'import argparse\ndef main():\n    p = argparse.ArgumentParser()\n    return p.parse_args()\ndef other(): launch()\nif __name__ == "__main__":\n    launch()\n',
  'pkg/__init__.py': 'from .inner import app, start\n',
  'pkg/inner.py':
    'import typer\napp = typer.Typer()\ndef start():\n    import logging\n    logging.basicConfig(level=10)\n    app()\n',
};

/** What each text is tried with when it is a script; `module:function` is looked at as it is. */
async function trials(texts: readonly string[]): Promise<(string[] | null)[]> {
  const scripts = Object.fromEntries(texts.map((text, index) => [`script${index}.txt`, text]));
  const folder = await writeFiles({ ...stock, ...scripts }, await temporaryFolder());
  const questions = texts.map((text, index) =>
    /^\w+:\w+$/.test(text)
      ? { target: text, file: null }
      : { target: null, file: path.join(folder, `script${index}.txt`) },
  );
  const args = ['-X', 'utf8', '-c', harness, path.join(repositoryDir, 'companion'), folder];
  return JSON.parse(
    execFileSync(python3(), args, { encoding: 'utf8', input: JSON.stringify(questions) }),
  ) as (string[] | null)[];
}

const parser = 'import argparse\np = argparse.ArgumentParser()\n';

test('a job whose first act is to parse its arguments is tried with --help', async () => {
  const texts = [
    `${parser}p.add_argument("x")\nargs = p.parse_args()\nwork(args)`,
    'import argparse\ndef main():\n    p = argparse.ArgumentParser()\n    a = p.parse_args()\n    work(a)\nif __name__ == "__main__":\n    main()',
    'import argparse, sys, logging\nlog = logging.getLogger(__name__)\ndef build():\n    p = argparse.ArgumentParser()\n    s = p.add_subparsers(dest="c")\n    s.add_parser("x").set_defaults(func=print)\n    return p\ndef main(argv=None):\n    args = build().parse_args(argv)\n    return args.func(args)\nif __name__ == "__main__":\n    sys.exit(main())',
    'from argparse import ArgumentParser\nimport asyncio\nasync def main():\n    args, rest = ArgumentParser().parse_known_args()\n    await go()\nasyncio.run(main())',
    'import argparse\nclass P(argparse.ArgumentParser):\n    pass\nprint("banner")\nfor name in ("a", "b"):\n    print(name)\na = P().parse_args()',
    'import click\n@click.command()\n@click.option("--x")\ndef main(x):\n    work()\nif __name__ == "__main__":\n    main()',
    'import click\n@click.group()\ndef cli(): pass\n@cli.command()\ndef x(): pass\nif __name__ == "__main__":\n    cli.main(prog_name="x")',
    'import click\n@click.group()\ndef cli(): pass\n@cli.command()\ndef x(): work()\nif __name__ == "__main__":\n    x()',
    'import typer\napp = typer.Typer()\n@app.command()\ndef main(name: str): work()\nif __name__ == "__main__":\n    app()',
    'import typer\ndef main(name: str): work()\nif __name__ == "__main__":\n    typer.run(main)',
    `try:\n    import tomllib\nexcept ImportError:\n    tomllib = None\n${parser}try:\n    p.parse_args()\nexcept (ValueError, KeyboardInterrupt):\n    work()`,
    `import functools\nfrom dataclasses import dataclass, field\n@dataclass(frozen=True)\nclass A:\n    x: int = 1\n    y: list = field(default_factory=list)\n    @property\n    def z(self, d=()): return work()\n@functools.lru_cache\ndef f(): work()\nn = sorted(map(str, [1]), key=len)\n${parser}p.parse_args()`,
    `import sys\n${parser}p.parse_args(sys.argv[1:])\nwork()`,
    '"""Usage: x"""\nfrom docopt import docopt\nargs = docopt(__doc__)\nwork()',
    'import multiprocessing\nfrom cli import main\nif __name__ == "__main__":\n    multiprocessing.freeze_support()\n    try:\n        raise SystemExit(main())\n    except KeyboardInterrupt:\n        pass',
    'import cli\ncli.main()',
    'import pkg\npkg.start()',
    'cli:main',
    'pkg:app',
    'pkg:start',
  ];
  const found = await trials(texts);
  for (const [index, text] of texts.entries()) expect(found[index], text).toEqual(['--help']);
});

test('where a parser has no --help, the option that shows the version is taken', async () => {
  const text =
    'import argparse\np = argparse.ArgumentParser(add_help=False)\np.add_argument("-V", "--version", action="version", version="1")\np.parse_args()';
  expect(await trials([text])).toEqual([['--version']]);
});

test('a job that might work before, or of which that is not known, is not tried', async () => {
  const texts = [
    'work()',
    'import requests\nrequests.post("https://example.com")',
    `work()\n${parser}p.parse_args()`,
    `${parser}robot = Robot()\np.parse_args()`,
    `${parser}p.parse_args(["run"])`,
    `${parser}if something():\n    p.parse_args()\nwork()`,
    `${parser}with open("x", "w") as f:\n    p.parse_args()`,
    `${parser}[send(x) for x in things]\np.parse_args()`,
    'import argparse\ndef main(): argparse.ArgumentParser().parse_args()\nwork()',
    'import argparse\np = argparse.ArgumentParser(add_help=False)\np.parse_args()',
    'class A:\n    def parse_args(self): work()\nA().parse_args()',
    'import click\n@click.command()\ndef main(): pass\nother()\nmain()',
    'import click\n@click.command()\ndef main(): pass\nmain(["x"])',
    '@wrapper\ndef main():\n    import argparse\n    argparse.ArgumentParser().parse_args()\nmain()',
    'import typer\napp = typer.Typer()\nfor i in range(3): work()\napp()',
    'import sys\nif "--help" in sys.argv: print("x")\nwork()',
    'from cli import other\nother()',
    'def f(): g()\ndef g(): f()\nf()',
    `${parser}import pathlib\npathlib.Path("x").unlink()\np.parse_args()`,
    `${parser}import requests\nrequests.get("https://example.com")\np.parse_args()`,
    `${parser}import os\nos.replace("a", "b")\np.parse_args()`,
    `${parser}match x:\n    case _:\n        work()\np.parse_args()`,
    `${parser}import sys\nsys.stdin.read()\np.parse_args()`,
    `${parser}p.parse_args("--n 1".split())`,
    `${parser}ARGS = ["run"]\np.parse_args(ARGS)`,
    `${parser}ARGS = ARGS\np.parse_args(ARGS)`,
    `${parser}import sys\np.parse_args(sys.argv[2:])`,
    `try:\n    import nowhere\nexcept ImportError:\n    work()\n${parser}p.parse_args()`,
    `${parser}try:\n    p.parse_args()\nexcept SystemExit:\n    pass\nwork()`,
    `${parser}try:\n    p.parse_args()\nexcept:\n    work()`,
    `${parser}list(map(work, [1]))\np.parse_args()`,
    `${parser}list(filter(lambda x: work(x), [1]))\np.parse_args()`,
    `${parser}sorted([1], key=work)\np.parse_args()`,
    `${parser}@work\ndef f(): pass\np.parse_args()`,
    `${parser}@work(1)\nclass A: pass\np.parse_args()`,
    `${parser}class A(work()): pass\np.parse_args()`,
    `${parser}class A:\n    x = work()\np.parse_args()`,
    `${parser}def f(x=work()): pass\np.parse_args()`,
    'this is no Python',
    'cli:other',
    'cli:nothing',
    'nowhere:main',
  ];
  const found = await trials(texts);
  for (const [index, text] of texts.entries()) expect(found[index], text).toBeNull();
});

test('one call that nobody knows, anywhere before the arguments are parsed, and there is no trial', async () => {
  const harmless = [
    'import logging',
    'log = logging.getLogger("x")',
    'LIMIT = 3',
    'def helper():\n    work()',
    'class Thing:\n    x = 1',
    'print("banner")',
    'if LIMIT:\n    print("x")',
    'text = ", ".join(["a", "b"])',
  ];
  const samples = fc.sample(
    fc.tuple(
      fc.shuffledSubarray(harmless.slice(2), { minLength: 1 }),
      fc.option(fc.constantFrom('work()', 'x = work()', 'if LIMIT:\n    work()', 'helper()', 'Thing().go()')),
      fc.nat(5),
    ),
    { numRuns: 150, seed: 3 },
  );
  const texts = samples.map(([lines, work, position]) => {
    const before = ['LIMIT = 3', 'def helper():\n    work()', 'class Thing:\n    x = 1', ...lines];
    if (work !== null) before.splice(3 + (position % (lines.length + 1)), 0, work);
    return `import argparse\n${before.join('\n')}\np = argparse.ArgumentParser()\np.parse_args()\nwork()`;
  });
  const found = await trials(texts);
  for (const [index, [, work]] of samples.entries())
    expect(found[index], texts[index]).toEqual(work === null ? ['--help'] : null);
});
