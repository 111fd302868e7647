/** `node test/standin/make.ts --out <folder> [--platform linux] [--arch x64] [--version 45.4.1] [--node <path>] [--zip]` */
import { parseArgs } from 'node:util';
import { makeDistribution } from './distribution.ts';

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    platform: { type: 'string', default: 'linux' },
    arch: { type: 'string', default: process.arch },
    version: { type: 'string' },
    node: { type: 'string' },
    zip: { type: 'boolean', default: false },
  },
});
if (values.out === undefined) throw new Error('Say where: --out <folder>');
if (values.platform !== 'linux')
  throw new Error(`There is a stand-in for linux only, not for ${values.platform}.`);
const made = await makeDistribution({
  out: values.out,
  platform: values.platform,
  arch: values.arch,
  zip: values.zip,
  ...(values.version === undefined ? {} : { version: values.version }),
  ...(values.node === undefined ? {} : { node: values.node }),
});
console.log(JSON.stringify(made));
