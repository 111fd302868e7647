import { expect, test } from 'vitest';
import { freeze, makeBackend } from './support/project.js';
import { runFrozen } from './support/program.js';

const main = `import json, os, sys, tempfile
from pathlib import Path

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "vendor"))
import acme

import engine
sys.modules["legacy"] = engine
from legacy import tool

written = Path(tempfile.mkdtemp())
(written / "made_now.py").write_text("VALUE = 3")
sys.path.append(str(written))
import made_now

print(json.dumps([acme.VALUE, acme.deep(), tool.VALUE, made_now.VALUE]))
`;

test('a program that makes its own imports is frozen as it is', async () => {
  const backend = await makeBackend(
    {
      'backend/main.py': main,
      'backend/vendor/acme/__init__.py':
        'VALUE = 1\ndef deep():\n    from acme import inner\n    return inner.VALUE\n',
      'backend/vendor/acme/inner.py': 'VALUE = 2\n',
      'backend/engine/__init__.py': '',
      'backend/engine/tool.py': 'VALUE = 4\n',
    },
    { kind: 'job', entry: 'backend/main.py' },
  );
  const { frozen } = await freeze(backend);
  expect(JSON.parse(await runFrozen(frozen))).toEqual([1, 2, 4, 3]);
  expect(frozen.warnings).toEqual([]);
});
