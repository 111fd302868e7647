import { execa } from 'execa';
import { beforeAll, describe, expect, it } from 'vitest';
import { diagnose } from '../../src/advice/diagnose.js';
import { python3 } from '../python/real-pythons.js';

const place = { configFile: 'pyinstaller.config.ts', configPath: 'backends.engine' };

/** Python prints what an uncaught exception prints, one for each program. */
const printer = `
import json, sys, traceback
sys.stdout.reconfigure(newline="\\n")
for name, text in json.load(sys.stdin).items():
    print("=== " + name)
    try:
        exec(text, {"absent": lambda: __import__("absent_module"), "read": lambda: open("/opt/a/_internal/words.txt"), "log": lambda: traceback.print_exc(file=sys.stdout)})
    except BaseException:
        traceback.print_exc(file=sys.stdout)
`;

const programs = {
  handled: 'try:\n  absent()\nexcept ImportError:\n  read()',
  'handled twice':
    'try:\n  absent()\nexcept ImportError:\n  try:\n    [][1]\n  except IndexError:\n    read()',
  cause:
    'try:\n  absent()\nexcept ImportError as e:\n  try:\n    read()\n  except OSError as f:\n    raise f from e',
  'handled, and nobody knows what came of it':
    'try:\n  absent()\nexcept ImportError:\n  raise RuntimeError("install it")',
  'cause of something unknown':
    'try:\n  absent()\nexcept ImportError as e:\n  raise RuntimeError("no") from e',
  'hidden by `from None`':
    'try:\n  absent()\nexcept ImportError:\n  try:\n    read()\n  except OSError as f:\n    raise f from None',
  'logged before': 'try:\n  absent()\nexcept ImportError:\n  log()\nread()',
  'the other way round': 'try:\n  read()\nexcept OSError:\n  absent()',
  'in a group':
    'def f():\n  try:\n    absent()\n  except ImportError:\n    read()\ntry:\n  f()\nexcept OSError as e:\n  raise ExceptionGroup("tasks", [e]) from None',
};

describe('what nobody caught explains the end', () => {
  const printed = new Map<string, string>();
  beforeAll(async () => {
    const { stdout } = await execa(python3(), ['-I', '-c', printer], { input: JSON.stringify(programs) });
    for (const part of stdout.split('=== ').slice(1)) {
      const end = part.indexOf('\n');
      printed.set(part.slice(0, end), part.slice(end + 1));
    }
  });

  it.each<[keyof typeof programs, string[]]>([
    ['handled', ['missing-data-file']],
    ['handled twice', ['missing-data-file']],
    ['cause', ['missing-data-file', 'missing-module']],
    ['handled, and nobody knows what came of it', ['missing-module']],
    ['cause of something unknown', ['missing-module']],
    ['hidden by `from None`', ['missing-data-file']],
    ['logged before', ['missing-data-file', 'missing-module']],
    ['the other way round', ['missing-module']],
    ['in a group', ['missing-data-file']],
  ])('%s', (name, expected) => {
    const text = printed.get(name) ?? '';
    // Groups came with Python 3.11.
    if (!text.includes("name 'ExceptionGroup' is not defined"))
      expect(diagnose('verify', text, place, 3).map(({ id }) => id)).toEqual(expected);
  });

  it('also with other output around, and with lines of Windows', () => {
    const text = `INFO: begin\n${printed.get('handled') ?? ''}\nINFO: end\n`.replaceAll('\n', '\r\n');
    expect(diagnose('verify', text, place, 3).map(({ id }) => id)).toEqual(['missing-data-file']);
  });
});
