import type { Shape } from './synthetic-shapes.ts';

const CPUS = 8;
const MODES = ['idle', 'iowait', 'irq', 'nice', 'softirq', 'steal', 'system', 'user'];
const DISKS = ['nvme0n1', 'nvme1n1', 'nvme2n1'];
const FILE_SYSTEMS = [
  { device: '/dev/nvme0n1p1', fstype: 'xfs', mountpoint: '/' },
  { device: '/dev/nvme1n1p1', fstype: 'xfs', mountpoint: '/emr' },
  { device: '/dev/nvme1n1p2', fstype: 'xfs', mountpoint: '/mnt' },
  { device: '/dev/nvme2n1p2', fstype: 'xfs', mountpoint: '/mnt1' },
];
const NETWORKS = ['eth0'];
const MEMORY =
  'MemTotal MemFree MemAvailable Buffers Cached SReclaimable SwapTotal SwapFree Committed_AS CommitLimit Dirty Writeback Slab AnonPages Shmem'.split(
    ' ',
  );
const PRESSURE = ['cpu_waiting', 'io_waiting', 'io_stalled', 'memory_waiting', 'memory_stalled'];

const every = (label: string, values: readonly string[], names: string): readonly Shape[] =>
  names.split(' ').flatMap((name) => values.map((value) => ({ name, type: typeOf(name), labels: { [label]: value } })));

const once = (names: string): readonly Shape[] =>
  names.split(' ').map((name) => ({ name, type: typeOf(name), labels: {} }));

const fileSystems = (names: string): readonly Shape[] =>
  names.split(' ').flatMap((name) => FILE_SYSTEMS.map((labels) => ({ name, type: typeOf(name), labels })));

const typeOf = (name: string): Shape['type'] => (/_total$|^node_vmstat_/.test(name) ? 'counter' : 'gauge');

/** node_exporter's page on a node with 8 vCPUs: names and labels of 1.12.1, as far as somebody could ask for them. */
export const nodePage: readonly Shape[] = [
  ...Array.from({ length: CPUS }, (_, cpu) =>
    MODES.map((mode) => ({
      name: 'node_cpu_seconds_total',
      type: 'counter' as const,
      labels: { cpu: String(cpu), mode },
    })),
  ).flat(),
  ...every(
    'device',
    DISKS,
    'node_disk_io_time_seconds_total node_disk_io_time_weighted_seconds_total node_disk_io_now ' +
      'node_disk_read_bytes_total node_disk_written_bytes_total node_disk_reads_completed_total ' +
      'node_disk_writes_completed_total node_disk_reads_merged_total node_disk_writes_merged_total ' +
      'node_disk_read_time_seconds_total node_disk_write_time_seconds_total',
  ),
  ...fileSystems(
    'node_filesystem_avail_bytes node_filesystem_free_bytes node_filesystem_size_bytes node_filesystem_files ' +
      'node_filesystem_files_free node_filesystem_readonly node_filesystem_device_error',
  ),
  ...every(
    'device',
    NETWORKS,
    'node_network_up node_network_receive_bytes_total node_network_transmit_bytes_total ' +
      'node_network_receive_packets_total node_network_transmit_packets_total node_network_receive_errs_total ' +
      'node_network_transmit_errs_total node_network_receive_drop_total node_network_transmit_drop_total ' +
      'node_network_speed_bytes node_network_mtu_bytes',
  ),
  ...once(
    'node_load1 node_load5 node_load15 node_boot_time_seconds node_time_seconds node_context_switches_total ' +
      'node_forks_total node_intr_total node_procs_running node_procs_blocked node_filefd_allocated ' +
      'node_filefd_maximum node_entropy_available_bits node_nf_conntrack_entries node_nf_conntrack_entries_limit ' +
      'node_timex_offset_seconds node_timex_sync_status node_timex_maxerror_seconds node_sockstat_TCP_tw ' +
      'node_sockstat_TCP_inuse node_sockstat_TCP_alloc node_netstat_Tcp_CurrEstab node_netstat_Tcp_RetransSegs ' +
      'node_netstat_Tcp_OutSegs node_netstat_TcpExt_ListenDrops node_netstat_TcpExt_ListenOverflows ' +
      'node_netstat_TcpExt_TCPTimeouts node_vmstat_oom_kill node_vmstat_pgfault node_vmstat_pgmajfault ' +
      'node_vmstat_pgpgin node_vmstat_pgpgout node_vmstat_pswpin node_vmstat_pswpout',
  ),
  ...once(MEMORY.map((name) => `node_memory_${name}_bytes`).join(' ')),
  ...once(PRESSURE.map((name) => `node_pressure_${name}_seconds_total`).join(' ')),
  { name: 'node_uname_info', type: 'gauge', labels: { machine: 'x86_64', release: '6.1.150', sysname: 'Linux' } },
  { name: 'node_exporter_build_info', type: 'gauge', labels: { version: '1.12.1' } },
  ...once('process_open_fds process_max_fds process_resident_memory_bytes process_cpu_seconds_total'),
];

/** What Prometheus itself writes of each scrape. */
export const scrapePage: readonly Shape[] = once(
  'up scrape_duration_seconds scrape_samples_scraped scrape_samples_post_metric_relabeling scrape_series_added',
);

/** What the rules make of node_cpu_seconds_total, 64 series of each node: a bench that has no need of these takes that. */
export const recordedCpuPage: readonly Shape[] = [
  ...['iowait', 'steal', 'system', 'user'].map((mode) => ({
    name: 'emr_node:cpu_mode:ratio_rate5m',
    type: 'gauge' as const,
    labels: { mode },
  })),
  ...once('emr_node:cpu_busy:ratio_rate5m emr_node:cpus:count'),
];

/** Of the sidecar and of Prometheus themselves: one of each, whatever the fleet. */
export const ownPage: readonly Shape[] = once(
  'up process_resident_memory_bytes emr_sidecar_syncs_total emr_sidecar_last_sync_duration_seconds ' +
    'emr_sidecar_last_successful_sync_timestamp_seconds emr_sidecar_last_successful_status_timestamp_seconds ' +
    'emr_sidecar_files emr_sidecar_files_refused emr_sidecar_files_held emr_sidecar_files_kept emr_sidecar_foreign_keys ' +
    'emr_sidecar_files_written_total emr_sidecar_content_last_success_timestamp_seconds emr_sidecar_content_refused ' +
    'prometheus_tsdb_head_series prometheus_tsdb_head_samples_appended_total',
);
