import { join } from 'node:path';
import { type Env, type HostProgram, prepareHostProgram } from './prepare-host-program.ts';

export interface Alertmanager {
  readonly alertmanager: string;
  readonly amtool: string;
}

const ALERTMANAGER: HostProgram = {
  name: 'alertmanager',
  programs: ['alertmanager', 'amtool'],
  moduleVersion: (version) => `v${version}`,
  // Its release generates them.
  folders: { 'ui/app/dist': { 'index.html': 'Built without its pages.\n' } },
  debian: {
    package: 'prometheus-alertmanager',
    files: { 'bin/prometheus-alertmanager': 'alertmanager', 'bin/amtool': 'amtool' },
  },
};

/** An Alertmanager to run, and the tool that checks its configuration. */
export async function prepareAlertmanager(cache: string, env: Env = process.env): Promise<Alertmanager> {
  const folder = await prepareHostProgram(ALERTMANAGER, cache, env);
  return { alertmanager: join(folder, 'alertmanager'), amtool: join(folder, 'amtool') };
}
