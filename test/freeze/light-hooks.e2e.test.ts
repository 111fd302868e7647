import { expect, test } from 'vitest';
import { freeze, makeBackend } from './support/project.js';
import { runFrozen } from './support/program.js';

test('a frozen program loads setuptools when it needs it, not at each start, and finds its distutils as from source', async () => {
  const backend = await makeBackend(
    {
      'backend/main.py': `import sys
print("setuptools" in sys.modules)
import distutils.core
print(distutils.core.__file__.replace("\\\\", "/").endswith("setuptools/_distutils/core.py"))
print("setuptools" in sys.modules)
import setuptools
print(setuptools.Distribution.__name__)
`,
    },
    { kind: 'job', entry: 'backend/main.py', requirements: ['setuptools>=70'] },
  );
  const { frozen } = await freeze(backend);
  expect((await runFrozen(frozen)).split('\n')).toEqual(['False', 'True', 'True', 'Distribution']);
});
