import { spawnSync } from 'node:child_process';
import { getuid, stderr } from 'node:process';

/**
 * Installs the Debian packages that are missing, and says which before it does. Does nothing where it cannot: without
 * apt-get, and without root or sudo. Whoever needs them then says what is missing (sandbox/nodes/host-check.ts).
 */
export function installMissing(packages: readonly string[]): void {
  const missing = packages.filter((name) => !isInstalled(name));
  const sudo = getuid?.() === 0 ? [] : ['sudo'];
  const canInstall = succeeds('apt-get', ['--version']) && (sudo.length === 0 || succeeds('sudo', ['--version']));
  if (missing.length === 0 || !canInstall) return;
  stderr.write(`Installing system packages: ${missing.join(' ')} …\n`);
  const apt = [...sudo, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get'];
  run([...apt, 'update', '-qq']);
  run([...apt, 'install', '-qq', '-y', '--no-install-recommends', ...missing]);
}

const isInstalled = (name: string): boolean =>
  spawnSync('dpkg-query', ['-W', '-f', '${Status}', name], { encoding: 'utf8' }).stdout?.includes('ok installed') ??
  false;

const succeeds = (command: string, args: readonly string[]): boolean => spawnSync(command, args).status === 0;

function run([command = '', ...args]: readonly string[]): void {
  const { status } = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed with exit code ${status}`);
}
