# Functions, no code of their own. A ResourceManager may have any number of queues, and jmx_exporter cannot count: those
# beyond the first 50 (by depth, then by name) are taken out of its rules, and their number into them. Needs sort and awk
# of any kind.

# dropped_queues FILE: the queues not to be read, one a line, from the page on stdin and FILE, where the last answer is: what
# is dropped already is on no page. A queue that is new and one too many goes, never one that was shown, but for a restart.
dropped_queues() {
  {
    cat "$1" 2>/dev/null
    awk '/^yarn_resourcemanager_queue_applications_running[{]/ && match($0, /queue="[^"]*"/) {
      QUEUE = substr($0, RSTART + 7, RLENGTH - 8); print split(QUEUE, KEYS, ".") "\t" QUEUE }' |
      sort -u -k1,1n -k2 | awk -F '\t' 'NR > 50 { print $2 }'
  } | sort -u
}

# without_queues FILE: the rules on stdin, such that the queues in FILE are not read and their number is told.
without_queues() {
  awk -v FILE="$1" '
    BEGIN { while ((getline QUEUE < FILE) > 0) if (QUEUE != "") QUEUES[++COUNT] = QUEUE }
    { if (OURS && /^ *value: /) { sub(/".*"/, "\"" COUNT + 0 "\""); OURS = 0 } print }
    /name: yarn_resourcemanager_queues_dropped$/ { OURS = 1 }
    /^excludeObjectNames:/ {
      for (I = 1; I <= COUNT; I++) {
        DEPTH = split(QUEUES[I], KEYS, "."); NAME = ""
        for (K = 1; K <= DEPTH; K++) NAME = NAME ",q" K - 1 "=" KEYS[K]
        print "  - \"Hadoop:service=ResourceManager,name=QueueMetrics" NAME "\""
        print "  - \"Hadoop:service=ResourceManager,name=PartitionQueueMetrics,partition=*" NAME "\""
      }
    }'
}
