import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';
import { python3 } from '../python/real-pythons.js';
import { repositoryDir } from '../support/paths.js';

/** Prints kinds of nodes that the quick walk leaves out, or has besides. */
const harness = `
import ast, glob, json, os, sys
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
from freezer import source
texts = [sys.argv[2]]
for file in sorted(glob.glob(os.path.join(os.path.dirname(os.__file__), "*.py")))[::4]:
    with open(file, "rb") as stream:
        texts.append(stream.read())
plain = (ast.expr_context, ast.boolop, ast.operator, ast.unaryop, ast.cmpop)
different = set()
for text in texts:
    tree = ast.parse(text)
    whole = {id(node): type(node).__name__ for node in ast.walk(tree) if not isinstance(node, plain)}
    quick = {id(node): type(node).__name__ for node in source.walk(tree)}
    different.update(whole[one] for one in whole.keys() ^ quick.keys() if one in whole)
    different.update(quick[one] for one in whole.keys() ^ quick.keys() if one in quick)
print(json.dumps(sorted(different)))
`;

const rare = `match command:
    case True | None | 1:
        pass
    case {"a": [x, *rest], **others}:
        pass
    case Point(0, y=0) as point if point:
        pass
async def f(*, a: int = 1, **b):
    global g
    print(f"{a!r:>{b}}", *[i async for i in b], ...)
    return (yield (lambda: (n := 1))())
try:
    pass
except ValueError as error:
    raise error from None
`;

test('every node of a text is walked through, whatever it holds', () => {
  const args = ['-I', '-c', harness, path.join(repositoryDir, 'companion'), rare];
  expect(JSON.parse(execFileSync(python3(), args, { encoding: 'utf8' }))).toEqual([]);
});
