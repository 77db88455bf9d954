import { ofApplicationMaster, type Sent } from './recordings.ts';

/** The pools of G1 since Java 17, and the three that it has its collections by since Java 20. */
const POOLS = {
  heap: ['G1-Eden-Space', 'G1-Survivor-Space', 'G1-Old-Gen'],
  others: [
    'Metaspace',
    'Compressed-Class-Space',
    "CodeHeap-'non-nmethods'",
    "CodeHeap-'profiled-nmethods'",
    "CodeHeap-'non-profiled-nmethods'",
  ],
} as const;
const COLLECTORS = ['G1-Young-Generation', 'G1-Old-Generation', 'G1-Concurrent-GC'];

/** What stands for others of its kind: all of a kind that a process can have at once. */
const KINDS: readonly (readonly [one: RegExp, all: readonly string[]])[] = [
  [/(?<=\.executor\.filesystem\.)file(?=\.)/, ['file', 'hdfs', 's3', 's3a']],
  // Not beside an external shuffle service; it has a pool more.
  [
    /(?<=\.)ExternalShuffle\.shuffle-client(?=\.)/,
    ['NettyBlockTransfer.shuffle-client', 'NettyBlockTransfer.shuffle-server'],
  ],
  // EMR has event logs on.
  [/(?<=\.LiveListenerBus\.queue\.)shared(?=\.)/, ['shared', 'eventLog']],
  [/(?<=\.jvm\.)[A-Z][^.]*(?=\.)/, COLLECTORS],
  [/(?<=\.jvm\.pools\.)[^.]+(?=\.used-after-gc$)/, POOLS.heap],
  [/(?<=\.jvm\.pools\.)[^.]+(?=\.)/, [...POOLS.heap, ...POOLS.others]],
];

/** All that an application's processes can send at once, with each of its settings on: more than was recorded. */
export function fullest(sent: readonly Sent[]): readonly Sent[] {
  const paths = [...sent, ...ofApplicationMaster].flatMap(({ path }) => {
    const [one, all] = KINDS.find(([kind]) => kind.test(path)) ?? [];
    return one === undefined ? [path] : (all ?? []).map((name) => path.replace(one, () => name));
  });
  return [...new Set(paths)].map((path) => ({ path, value: '1' }));
}
