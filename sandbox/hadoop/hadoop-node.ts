import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Hadoop } from '../../scripts/prepare/prepare-hadoop.ts';
import type { Bind, NodeFile } from '../nodes/node-files.ts';
import { type HadoopDaemon, hadoopDaemons } from './daemon-table.ts';
import { siteFiles } from './site-files.ts';

export interface HadoopNodeOptions {
  /** Address of the cluster's master; the node's own, for a cluster of one node. */
  readonly master: string;
  /** What EMR says of the node's provisioning in job-flow-state.txt. No such file unless given. */
  readonly provisioning?: 'IN_PROGRESS' | 'SUCCESSFUL';
}

export interface HadoopNodeParts {
  readonly files: readonly NodeFile[];
  readonly binds: readonly Bind[];
}

/** What `bootNode` is given for a node on which Hadoop is installed, but not started yet: startDaemons does. */
export async function hadoopNode(
  hadoop: Hadoop,
  { master, provisioning }: HadoopNodeOptions,
): Promise<HadoopNodeParts> {
  const daemons: readonly HadoopDaemon[] = Object.values(hadoopDaemons);
  return {
    binds: [
      { source: hadoop.jars, target: '/usr/lib/hadoop/lib' },
      { source: hadoop.jdk, target: '/usr/lib/jvm/java-17-openjdk' },
      { source: hadoop.jdkSettings, target: '/etc/java-17-openjdk' },
    ],
    files: [
      ...siteFiles(`ip-${master.replaceAll('.', '-')}.ec2.internal`),
      ...(await Promise.all(
        SETTINGS.map(async (name) => ({ path: `/etc/hadoop/conf/${name}`, body: await own(name) })),
      )),
      { path: '/usr/lib/hadoop/libexec/hadoop.sh', body: await own('hadoop.sh'), mode: 0o755 },
      ...PROGRAMS.map(program),
      // The NameNode and DataNode end without these folders; their pages are in no jar.
      ...['hdfs', 'datanode', 'static'].map((name) => ({ path: `/usr/lib/hadoop/webapps/${name}/.keep`, body: '' })),
      ...daemons.flatMap((daemon) => [unit(daemon), defaults(daemon)]),
      ...(await Promise.all(daemons.map(initScript))),
      ...USERS_AND_FOLDERS,
      ...(provisioning === undefined ? [] : [provisioningState(provisioning)]),
    ],
  };
}

/** As AWS reads it in its own scripts for steps after provisioning. */
const provisioningState = (status: 'IN_PROGRESS' | 'SUCCESSFUL'): NodeFile => ({
  path: '/emr/instance-controller/lib/info/job-flow-state.txt',
  body: `localInstance {\n  nodeProvisionCheckinRecord {\n    status: ${status}\n  }\n}\n`,
});

const own = (name: string): Promise<string> => readFile(join(import.meta.dirname, 'node', name), 'utf8');

const SETTINGS = ['hadoop-env.sh', 'yarn-env.sh', 'mapred-env.sh', 'log4j.properties'];
const PROGRAMS = ['hadoop', 'hdfs', 'yarn', 'mapred'];

const program = (name: string): NodeFile => ({
  path: `/usr/bin/${name}`,
  body: `#!/bin/bash\nexec /usr/lib/hadoop/libexec/hadoop.sh ${name} "$@"\n`,
  mode: 0o755,
});

const commandOf = (daemon: HadoopDaemon): string => daemon.unit.replace(/.*-/, '');
const pidFile = (daemon: HadoopDaemon): string =>
  `/run/${daemon.folder}/hadoop-${daemon.user}-${commandOf(daemon)}.pid`;

const unit = (daemon: HadoopDaemon): NodeFile => ({
  path: `/etc/systemd/system/${daemon.unit}.service`,
  body: `[Unit]
Description=Hadoop ${commandOf(daemon)}
After=network-online.target

[Service]
Type=forking
PIDFile=${pidFile(daemon)}
ExecStart=/etc/init.d/${daemon.unit} start
ExecStop=/etc/init.d/${daemon.unit} stop
SuccessExitStatus=143
TimeoutStopSec=20

[Install]
WantedBy=multi-user.target
`,
});

const defaults = (daemon: HadoopDaemon): NodeFile => ({
  path: `/etc/default/${daemon.unit}`,
  body: `DAEMON_USER=${daemon.user}\nFOLDER=${daemon.folder}\nPROGRAM=${daemon.program}\nCOMMAND=${commandOf(daemon)}\n`,
});

const initScript = async (daemon: HadoopDaemon): Promise<NodeFile> => ({
  path: `/etc/init.d/${daemon.unit}`,
  body: await own('service.sh'),
  mode: 0o755,
});

const folder = (path: string, user: string, mode = '0755'): string => `d ${path} ${mode} ${user} hadoop -\n`;

/** Made at boot by systemd itself. `hadoop` is who runs jobs. */
const USERS_AND_FOLDERS: readonly NodeFile[] = [
  {
    path: '/etc/sysusers.d/hadoop.conf',
    body: `g hadoop\n${['hadoop', 'hdfs', 'yarn', 'mapred'].map((user) => `u ${user} - - /var/lib/${user} /bin/bash\nm ${user} hadoop\n`).join('')}`,
  },
  // Else only after an update of the system.
  {
    path: '/etc/systemd/system/systemd-sysusers.service.d/always.conf',
    body: '[Unit]\nConditionNeedsUpdate=\n',
  },
  {
    path: '/etc/tmpfiles.d/hadoop.conf',
    body: [
      ...Object.values(hadoopDaemons).flatMap((daemon: HadoopDaemon) => [
        folder(`/run/${daemon.folder}`, daemon.user),
        folder(`/var/log/${daemon.folder}`, daemon.user, '0775'),
      ]),
      folder('/mnt/namenode', 'hdfs'),
      folder('/mnt/hdfs', 'hdfs'),
      folder('/mnt/yarn', 'yarn'),
      folder('/mnt/var/lib/hadoop/tmp', 'hdfs', '1777'),
    ].join(''),
  },
];
