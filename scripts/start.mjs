// Runs on any Node from 20 on, without dependencies: installs the locked packages, then runs a script on the Node 24
// that is one of them. Usage: node scripts/start.mjs <script.ts> [arguments]
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';

const STAMP = 'node_modules/.prometheus-on-emr-lock';
const [script, ...args] = process.argv.slice(2);
const lock = createHash('sha256').update(readFileSync('package-lock.json')).digest('hex');

// Ctrl-C reaches the whole process group: the script cleans up and ends, and we end after it.
process.on('SIGINT', () => {});

// `npm ci` empties the folder first: one that is linked here is another checkout's, and its business.
const isLinked = lstatSync('node_modules', { throwIfNoEntry: false })?.isSymbolicLink() === true;
if (!isLinked && (!existsSync(STAMP) || readFileSync(STAMP, 'utf8') !== lock)) {
  console.error('Installing the locked npm packages into node_modules (about half a minute) …');
  await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], process.env);
  writeFileSync(STAMP, lock);
}

// The pinned Node for Linux is a package; elsewhere the machine's own must do.
const pinned = resolve('node_modules/.bin/node');
const node = existsSync(pinned) ? pinned : process.execPath;
const PATH = `${resolve('node_modules/.bin')}${delimiter}${process.env.PATH}`;
const isNode24 =
  'if (!process.version.startsWith("v24.")) { console.error(`Node 24 is needed, this is ${process.version}`); process.exit(1) }';
await run(node, ['-e', isNode24], process.env);
await run(node, [script, ...args], { ...process.env, PATH });

function run(command, commandArgs, env) {
  return new Promise((done, failed) => {
    const child = spawn(command, commandArgs, { stdio: 'inherit', env });
    const forward = () => child.kill('SIGTERM');
    process.once('SIGTERM', forward);
    // npm ends of a SIGTERM without handing it on: whoever has lost the one that started it ends, too.
    const parent = process.ppid;
    const watch = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(watch); // asked once: a second signal ends many a script in the middle of its end
      forward();
    }, 1000);
    child.once('error', failed);
    child.once('exit', (code, signal) => {
      process.off('SIGTERM', forward);
      clearInterval(watch);
      if (code === 0) done();
      else process.exit(code ?? (signal === 'SIGINT' ? 130 : 1));
    });
  });
}
