import { readFileSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';

/** What the node says of itself in UpdateInstanceInformation and to scripts. */
export interface Platform {
  readonly name: string;
  readonly version: string;
  readonly host: string;
  readonly address: string;
}

export function platform(): Platform {
  const release = readFileSync('/etc/os-release', 'utf8');
  const field = (name: string) => new RegExp(`^${name}="?([^"\\n]*)`, 'm').exec(release)?.[1] ?? '';
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const address = addresses.find(({ internal, family }) => !internal && family === 'IPv4')?.address ?? '';
  return { name: field('NAME'), version: field('VERSION_ID'), host: hostname(), address };
}
