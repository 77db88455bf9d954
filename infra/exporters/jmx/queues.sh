# Functions, no code of their own. A ResourceManager may have any number of queues and partitions, and jmx_exporter cannot
# count: of the queues (by depth, then by name), those beyond the first 50, or beyond the first 1,250 series (25 for each
# where there is one partition besides the default one, 6 more for each further), are taken out of its rules, and their
# number into them. Needs sort and awk of any kind, in the locale C.

# dropped_queues FILE: the queues not to be read, one a line as the page writes them, from the page on stdin and FILE, where
# the last answer is: what is dropped already is on no page, and stays dropped for as long as FILE is kept.
dropped_queues() {
  {
    cat "$1" 2>/dev/null
    awk '/^yarn_resourcemanager_queue_[a-z_]*[{]/ && match($0, /queue="([^"\\]|\\.)*"/) {
      QUEUE = substr($0, RSTART + 7, RLENGTH - 8); print split(QUEUE, KEYS, ".") "\t" QUEUE }' |
      sort -k1,1n -k2 | awk -F '\t' '
        { QUEUE = substr($0, index($0, FS) + 1); if (QUEUE != LAST) COUNT++; LAST = QUEUE }
        COUNT > 50 || NR > 1250 { print QUEUE }'
  } | sort -u
}

# shown_queues FILE: the queues on the page on stdin that are not in FILE.
shown_queues() {
  awk -v FILE="$1" '
    BEGIN { while ((getline QUEUE < FILE) > 0) SKIP[QUEUE] = 1 }
    /^yarn_resourcemanager_queue_[a-z_]*[{]/ && match($0, /queue="([^"\\]|\\.)*"/) {
      QUEUE = substr($0, RSTART + 7, RLENGTH - 8)
      if (!(QUEUE in SKIP) && ++SHOWN[QUEUE] == 1) print QUEUE }'
}

# without_queues FILE: the rules on stdin, such that the queues in FILE are not read and their number is told. The exporter
# asks its daemon about each name that is excluded, at every scrape; beyond 200 the queues in FILE.shown are named instead,
# and what comes then is neither shown nor counted: with the fair scheduler anybody's job can make queues.
# YAML that does not parse, or a name that is none, blanks the page: what is neither letter, digit nor harmless becomes ?,
# which stands for any one character (of UTF-16, as Java counts them).
without_queues() {
  awk -v FILE="$1" -v MOST=200 '
    function plain(KEY) {
      gsub(/\\./, "?", KEY)
      gsub(/[\200-\277]/, "", KEY)
      gsub(/[\360-\377]/, "??", KEY)
      gsub(/[^A-Za-z0-9_@%+\/ -]/, "?", KEY)
      return KEY
    }
    function name(QUEUE) {
      DEPTH = split(QUEUE, KEYS, "."); NAME = ""
      for (K = 1; K <= DEPTH; K++) NAME = NAME ",q" K - 1 "=" plain(KEYS[K])
      print "  - \"Hadoop:service=ResourceManager,name=QueueMetrics" NAME "\""
      print "  - \"Hadoop:service=ResourceManager,name=PartitionQueueMetrics,partition=*" NAME "\""
    }
    BEGIN {
      while ((getline QUEUE < FILE) > 0) if (QUEUE != "") QUEUES[++COUNT] = QUEUE
      if (COUNT > MOST) while ((getline QUEUE < (FILE ".shown")) > 0) if (QUEUE != "" && NAMED < 50) SHOWN[++NAMED] = QUEUE
    }
    NAMED && /^  - Hadoop:service=ResourceManager,name=(Partition)?QueueMetrics,.*q0=/ { next }
    { if (OURS && /^ *value: /) { sub(/".*"/, "\"" COUNT + 0 "\""); OURS = 0 } print }
    /name: yarn_resourcemanager_queues_dropped$/ { OURS = 1 }
    /^includeObjectNames:/ { for (I = 1; I <= NAMED; I++) name(SHOWN[I]) }
    /^excludeObjectNames:/ && !NAMED { for (I = 1; I <= COUNT; I++) name(QUEUES[I]) }'
}
