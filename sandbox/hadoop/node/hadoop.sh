#!/bin/bash
# hadoop.sh hdfs|yarn|mapred|hadoop [--config DIR] [--daemon start|stop|status] COMMAND ARG…
# What Hadoop 3's own programs do with their environment files and variables, and not more (hadoop-functions.sh, 3.4.1):
# - hadoop-env.sh, then yarn-env.sh or mapred-env.sh, are sourced as the caller; YARN_OPTS and the like replace HADOOP_OPTS;
# - <PROGRAM>_<COMMAND>_OPTS is appended to HADOOP_OPTS, for a daemon and for the same command by hand (namenode -format);
#   a HADOOP_<COMMAND>_OPTS that is not empty replaces it; client commands get HADOOP_CLIENT_OPTS instead;
# - options are split at blanks, `-Dproc_<command>` comes first, and the classpath travels in the environment.
program=$1 mode=default
shift
while :; do
  case ${1-} in
    --config) HADOOP_CONF_DIR=$2 ;;
    --daemon) mode=$2 ;;
    *) break ;;
  esac
  shift 2
done
command=${1-}
shift
export HADOOP_CONF_DIR=${HADOOP_CONF_DIR:-/etc/hadoop/conf} HADOOP_HOME=/usr/lib/hadoop
HADOOP_DAEMON_MODE=$mode # known before the files below are read (hadoop-config.sh)

deprecated() {
  [ -z "${!1}" ] || {
    echo "WARNING: $1 has been replaced by $2. Using value of $1." >&2
    printf -v "$2" %s "${!1}"
  }
}

. "$HADOOP_CONF_DIR/hadoop-env.sh"
case $program in
  yarn) . "$HADOOP_CONF_DIR/yarn-env.sh" && legacy=YARN ;;
  mapred) . "$HADOOP_CONF_DIR/mapred-env.sh" && legacy=HADOOP_MAPRED ;;
  *) legacy= ;;
esac
[ -z "$legacy" ] || for name in LOG_DIR PID_DIR ROOT_LOGGER IDENT_STRING OPTS; do deprecated "${legacy}_$name" "HADOOP_$name"; done

hdfs=org.apache.hadoop.hdfs yarn=org.apache.hadoop.yarn daemon=yes heap=${HADOOP_HEAPSIZE:-1000}
case $program/$command in
  hdfs/namenode) class=$hdfs.server.namenode.NameNode heap=${HADOOP_NAMENODE_HEAPSIZE:-$heap} ;;
  hdfs/datanode) class=$hdfs.server.datanode.DataNode heap=${HADOOP_DATANODE_HEAPSIZE:-$heap} ;;
  yarn/resourcemanager) class=$yarn.server.resourcemanager.ResourceManager heap=${YARN_RESOURCEMANAGER_HEAPSIZE:-$heap} ;;
  yarn/nodemanager) class=$yarn.server.nodemanager.NodeManager heap=${YARN_NODEMANAGER_HEAPSIZE:-$heap} ;;
  mapred/historyserver)
    class=org.apache.hadoop.mapreduce.v2.hs.JobHistoryServer heap=${HADOOP_JOB_HISTORYSERVER_HEAPSIZE:-$heap}
    ;;
  hdfs/dfs | hadoop/fs) class=org.apache.hadoop.fs.FsShell daemon= ;;
  hdfs/dfsadmin) class=$hdfs.tools.DFSAdmin daemon= ;;
  yarn/application) class=$yarn.client.cli.ApplicationCLI daemon= ;;
  yarn/node) class=$yarn.client.cli.NodeCLI daemon= ;;
  mapred/job) class=org.apache.hadoop.mapred.JobClient daemon= ;;
  *)
    echo "ERROR: $program $command is not known here" >&2
    exit 1
    ;;
esac

[ -n "$daemon" ] || HADOOP_OPTS="$HADOOP_OPTS $HADOOP_CLIENT_OPTS"
options=${program^^}_${command^^}_OPTS
[ "$program" = hadoop ] || deprecated "HADOOP_${command^^}_OPTS" "$options"
HADOOP_OPTS="$HADOOP_OPTS ${!options}"

identity=${HADOOP_IDENT_STRING:-$(id -un)} logs=${HADOOP_LOG_DIR:-/usr/lib/hadoop/logs} logger=${HADOOP_ROOT_LOGGER:-INFO,console}
name=hadoop-$identity-$command pidfile=${HADOOP_PID_DIR:-/tmp}/hadoop-$identity-$command.pid out=$logs/hadoop-$identity-$command.out
[ "$mode" = default ] || logger=${HADOOP_DAEMON_ROOT_LOGGER:-INFO,RFA}
HADOOP_OPTS="$HADOOP_OPTS -Djava.net.preferIPv4Stack=true --add-opens=java.base/java.lang=ALL-UNNAMED -Dhadoop.log.dir=$logs
  -Dhadoop.log.file=$name.log -Dhadoop.home.dir=$HADOOP_HOME -Dhadoop.id.str=$identity -Dhadoop.root.logger=$logger"
export CLASSPATH=$HADOOP_CONF_DIR:$HADOOP_HOME:$HADOOP_HOME/lib/*${HADOOP_CLASSPATH:+:$HADOOP_CLASSPATH} HADOOP_OPTS

java() {
  # shellcheck disable=SC2086
  exec "$JAVA_HOME/bin/java" "-Dproc_$command" "-Xmx${heap}m" $HADOOP_OPTS "$class" "$@"
}
running() { [ -f "$pidfile" ] && kill -0 "$(<"$pidfile")" 2>/dev/null; }

[ -n "$daemon" ] || java "$@"
case $mode in
  status) running ;;
  stop)
    running || exit 0
    pid=$(<"$pidfile")
    kill "$pid"
    for ((tenth = 0; tenth < 10 * ${HADOOP_STOP_TIMEOUT:-5}; tenth++)); do kill -0 "$pid" 2>/dev/null && sleep 0.1; done
    kill -9 "$pid" 2>/dev/null
    rm -f "$pidfile"
    ;;
  *)
    ! running || {
      echo "$command is running as process $(<"$pidfile").  Stop it first." >&2
      exit 1
    }
    if [ "$mode" = default ]; then
      echo $$ >"$pidfile"
      java "$@"
    fi
    (java "$@" >>"$out" 2>&1 </dev/null) &
    echo $! >"$pidfile"
    disown
    sleep 1
    running
    ;;
esac
