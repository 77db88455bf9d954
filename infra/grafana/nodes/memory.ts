import { highest } from '../highest.ts';
import type { Row } from '../rows.ts';
import { ON_NODES } from '../selectors.ts';
import { timeseries } from '../timeseries.ts';
import { NODE, perNodeBy, rateOf } from './lines.ts';

const AVAILABLE = `node_memory_MemAvailable_bytes{${ON_NODES}}`;

/** `pswpin` and `pswpout` count pages: 4 KiB on Amazon Linux, on both architectures. */
const PAGE_BYTES = 4096;

export const memory: Row = {
  title: 'Memory',
  collapsed: true,
  panels: [
    timeseries({
      title: 'Memory available',
      description: 'For new programs without swapping, page cache included; the nodes with the least.',
      unit: 'bytes',
      queries: perNodeBy(`max by (${NODE}) (${AVAILABLE})`, `-min_over_time(${AVAILABLE}[$__range] @ end())`),
    }),
    timeseries({
      title: 'OOM kills',
      description:
        'Processes that the kernel killed for lack of memory. Any is one too many: containers or daemons die.',
      unit: 'short',
      queries: [
        {
          expr: highest(
            NODE,
            `sum by (${NODE}) (increase(node_vmstat_oom_kill{${ON_NODES}}[$__rate_interval]))`,
            `increase(node_vmstat_oom_kill{${ON_NODES}}[$__range] @ end())`,
          ),
          legend: '{{node_name}}',
        },
      ],
    }),
    timeseries({
      title: 'Swapping',
      description:
        'Pages of memory to and from disk, as bytes. EMR nodes have no swap unless somebody adds it: then 0 is right.',
      unit: 'Bps',
      queries: perNodeBy(
        `(${rateOf('node_vmstat_pswpin')} + ${rateOf('node_vmstat_pswpout')}) * ${PAGE_BYTES}`,
        `rate(node_vmstat_pswpout{${ON_NODES}}[$__range] @ end())`,
      ),
    }),
    timeseries({
      title: 'Swap in use',
      description: 'EMR nodes have no swap unless somebody adds it: then 0 is right.',
      unit: 'bytes',
      queries: perNodeBy(
        `max by (${NODE}) (node_memory_SwapTotal_bytes{${ON_NODES}}) - max by (${NODE}) (node_memory_SwapFree_bytes{${ON_NODES}})`,
        `max_over_time(node_memory_SwapTotal_bytes{${ON_NODES}}[$__range] @ end())`,
      ),
    }),
    timeseries({
      title: 'Memory promised',
      description:
        'What programs asked for, of what the kernel would give if it had to be strict. Above 1 is usual with JVMs, and harmless while memory is available.',
      unit: 'percentunit',
      queries: perNodeBy(
        `max by (${NODE}) (node_memory_Committed_AS_bytes{${ON_NODES}}) / max by (${NODE}) (node_memory_CommitLimit_bytes{${ON_NODES}})`,
        `max_over_time(node_memory_Committed_AS_bytes{${ON_NODES}}[$__range] @ end())`,
      ),
    }),
    timeseries({
      title: 'Memory by kind, all chosen nodes',
      description: 'Page cache and buffers are given back when programs need them.',
      unit: 'bytes',
      stacked: true,
      queries: [
        { expr: `sum(node_memory_AnonPages_bytes{${ON_NODES}})`, legend: 'programs' },
        { expr: `sum(node_memory_Cached_bytes{${ON_NODES}})`, legend: 'page cache' },
        { expr: `sum(node_memory_Buffers_bytes{${ON_NODES}})`, legend: 'buffers' },
        { expr: `sum(node_memory_Slab_bytes{${ON_NODES}})`, legend: 'kernel' },
        { expr: `sum(node_memory_MemFree_bytes{${ON_NODES}})`, legend: 'free' },
      ],
    }),
  ],
};
