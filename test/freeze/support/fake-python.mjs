// Stands in for Python and PyInstaller where only what becomes of their output matters: `fake-python.mjs <driver.py> <job.json>`.
// Makes a program of a few files, copies data as PyInstaller does, and leaves data of `laidFiles` to the caller.
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';

const [job] = process.argv.slice(2, 3).map((file) => JSON.parse(readFileSync(file, 'utf8')));
const expanded = job.requests
  .filter(({ kind }) => kind === 'data')
  .flatMap(({ name }) => packageFiles(path.join(job.paths[0], name), name));
const laid = expanded.filter(([source]) => job.laidFiles.includes(source));
const asked = laid.map(([source, destination]) => ({ source, destination }));
if (job.knownCode !== null) {
  writeFileSync(job.auditFile, JSON.stringify({ laid: asked, namedFiles: [] }));
} else {
  appendFileSync(path.join(path.dirname(process.argv[1]), 'freezes.log'), 'x');
  const folder = path.join(job.dist, job.plan.exe.name);
  const contents = path.join(folder, job.plan.exe.contents_directory);
  const program = path.join(folder, job.plan.exe.name + (process.platform === 'win32' ? '.exe' : ''));
  mkdirSync(contents, { recursive: true });
  writeFileSync(program, readFileSync(path.join(job.paths[0], 'main.py')), { mode: 0o755 });
  const files = [];
  const put = (place, content, kind) => {
    mkdirSync(path.dirname(path.join(contents, place)), { recursive: true });
    writeFileSync(path.join(contents, place), content);
    files.push([place, null, kind]);
  };
  put('base_library.zip', 'zip', 'DATA');
  put('lib/native', '\x7fELF', 'BINARY');
  put('lib/own.txt', 'own', 'DATA');
  // As a hook of a package may do it.
  const hooked = path.join(job.paths[0], 'hooked.txt');
  const taken = existsSync(hooked) ? [[hooked, '.']] : [];
  for (const [source, destination] of [
    ...taken,
    ...job.plan.datas,
    ...expanded.filter((row) => !laid.includes(row)),
  ]) {
    const place = path.posix.join(destination, path.basename(source));
    mkdirSync(path.dirname(path.join(contents, place)), { recursive: true });
    copyFileSync(source, path.join(contents, place));
    chmodSync(path.join(contents, place), statSync(source).mode & 0o111 ? 0o755 : 0o644);
    files.push([place, source, 'DATA']);
  }
  const empty = JSON.parse(
    readFileSync(path.join(path.dirname(process.argv[1]), 'empty-audit.json'), 'utf8'),
  );
  writeFileSync(job.auditFile, JSON.stringify({ ...empty, laid: asked, files, programs: [program] }));
}
process.stdout.write('{"type":"exit","code":0,"message":null,"ms":1}\n');

function packageFiles(folder, destination) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) return packageFiles(file, `${destination}/${entry.name}`);
    return entry.name.endsWith('.py') ? [] : [[file, destination]];
  });
}
