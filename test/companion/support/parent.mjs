// A parent that starts one backend and is then killed by the test. Prints the backend's pid and passes its output on.
import { spawn } from 'node:child_process';

const { command, args, env, cwd, line, detached } = JSON.parse(process.argv[2]);
const child = spawn(command, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'], detached });
child.stdin.write(line.replace('"parentPid":0', `"parentPid":${process.pid}`));
// In the parent's own group: must survive whatever the backend does to its group.
const bystander = spawn('sleep', ['60'], { stdio: 'ignore' });
console.log(`bystander ${bystander.pid}`);
console.log(`child ${child.pid}`);
child.stdout.pipe(process.stdout);
child.stderr.pipe(process.stderr);
child.on('exit', (code, signal) => console.log(`exit ${code} ${signal}`));
