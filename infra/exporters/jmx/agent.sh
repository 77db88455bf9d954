# Mode agent: jmx_exporter inside each daemon, from the daemon's own next start on. Nothing here touches a running one.
# It is proven first in a canary JVM. Then a block at the end of the env files adds it, unless something is not as it was
# proven: an agent that cannot start ends its JVM (jmx_exporter 1.x, JavaAgent.java: System.exit).
#
# Reads:  FOUND (lines of "daemon pid port"), HOME_DIR, VERSION, SSM_Ports. Sets: CHANGED, ENDPOINTS.
# Leaves: per daemon $HOME_DIR/agent/<daemon>.{yml,sha256,line}: its rules, what was proven, its line of the block.
AGENT_CONF=/etc/hadoop/conf
AGENT_FILES='hadoop-env.sh yarn-env.sh mapred-env.sh'
AGENT_BEGIN='# BEGIN prometheus-on-emr jmx'
AGENT_JOINED="$AGENT_BEGIN (the last line above had no end)"
AGENT_END='# END prometheus-on-emr jmx'
AGENT_WHY='' AGENT_OUTCOME='' AGENT_REASON='' AGENT_PENDING=''

# In the env files, so for any shell, with any options set. Silent, and true whatever happens. Client commands pass here
# too: `hdfs namenode -report` beside the running daemon finds the port taken. Taken is also what an outgoing connection
# holds; what a daemon that has just ended leaves behind is not. The checksums say: as proven, and readable.
# shellcheck disable=SC2016
AGENT_FUNCTION='# Lets jmx_exporter start with a daemon. Adds nothing when it cannot: it is gone or changed, it is there already, its port
# is taken. The next run writes this block anew; the uninstall document takes it away.
prometheus_on_emr_jmx() {
  [ -r "$4" ] && [ -r "@DIR@/$1.yml" ] && [ -r "@DIR@/$1.sha256" ] || return 0
  eval "set -- \"\$@\" \"\${$6-} \${$7-}\" \"-javaagent:$4=$2:@DIR@/$1.yml\""
  case "${HADOOP_OPTS-} ${YARN_OPTS-} ${JAVA_TOOL_OPTIONS-} ${JDK_JAVA_OPTIONS-} ${_JAVA_OPTIONS-} $8" in
    *prometheus-on-emr/jmx/* | *jmx_prometheus* | *jmx_exporter* | *jmx-exporter*) return 0 ;;
  esac
  grep -qsE "^ *[0-9]+: [0-9A-F]+:$3 [0-9A-F]+:[0-9A-F]+ 0[128A] " /proc/net/tcp /proc/net/tcp6
  case $? in 1) ;; 2) [ ! -e /proc/net/tcp6 ] || return 0 ;; *) return 0 ;; esac
  sha256sum --status -c "@DIR@/$1.sha256" >/dev/null 2>&1 || return 0
  eval "$6=\"\${$6:-\$5} \$9\"; [ -z \"\${$7-}\" ] || $7=\"\${$7} \$9\""
}'

# agent_of DAEMON HADOOP: the env file, the variable, and on Hadoop 3 the older name: not empty, it replaces the other
# (hadoop-functions.sh, hadoop_subcommand_opts). Hadoop 2 knows the older name only. Hadoop 3 gives an empty variable a
# default after the env file (hdfs-config.sh), which must not get lost.
agent_of() {
  local SECURITY=-Dhadoop.security.logger
  case $1 in
    namenode) set -- "$2" hadoop HDFS_NAMENODE_OPTS HADOOP_NAMENODE_OPTS $SECURITY=INFO,RFAS ;;
    datanode) set -- "$2" hadoop HDFS_DATANODE_OPTS HADOOP_DATANODE_OPTS $SECURITY=ERROR,RFAS ;;
    journalnode) set -- "$2" hadoop HDFS_JOURNALNODE_OPTS HADOOP_JOURNALNODE_OPTS '' ;;
    zkfc) set -- "$2" hadoop HDFS_ZKFC_OPTS HADOOP_ZKFC_OPTS '' ;;
    resourcemanager) set -- 3 yarn YARN_RESOURCEMANAGER_OPTS HADOOP_RESOURCEMANAGER_OPTS '' ;;
    nodemanager) set -- 3 yarn YARN_NODEMANAGER_OPTS HADOOP_NODEMANAGER_OPTS '' ;;
    historyserver) set -- "$2" mapred MAPRED_HISTORYSERVER_OPTS HADOOP_JOB_HISTORYSERVER_OPTS '' ;;
    *) return 1 ;;
  esac
  AGENT_FILE=$2-env.sh AGENT_VARIABLE=$3 AGENT_OLDER=$4 AGENT_DEFAULT=$5
  [ "$1" != 2 ] || AGENT_VARIABLE=$4 AGENT_DEFAULT=''
}

# env_own FILE: all of it but our block, byte for byte. The empty line before the block is the block's.
env_own() {
  local BEGIN END START REST
  BEGIN=$(grep -abxF -e "$AGENT_BEGIN" -e "$AGENT_JOINED" "$1" || true)
  END=$(grep -abxF -e "$AGENT_END" "$1" || true)
  if [ -z "$BEGIN$END" ]; then
    cat "$1"
    return
  fi
  AGENT_WHY="$1 must have '$AGENT_BEGIN' and '$AGENT_END' once each, in this order: take both lines away"
  [[ $BEGIN == [0-9]* && $END == [0-9]* && $BEGIN$END != *$'\n'* && ${BEGIN%%:*} -lt ${END%%:*} ]] || return 1
  START=${BEGIN%%:*} REST=$((${END%%:*} + ${#AGENT_END} + 2))
  [ -n "$(head -c "$START" "$1" | tail -c 2)" ] || START=$((START - 1))
  # Without an end was the last line; with something after the block, it is not any more.
  [[ $BEGIN != *"$AGENT_JOINED" || $REST -le $(stat -c %s "$1") ]] || START=$((START - 1))
  head -c "$START" "$1" && tail -c "+$REST" "$1"
}

env_block() {
  local BEGIN=$AGENT_BEGIN
  [ -z "$(tail -c 1 "$1")" ] || BEGIN=$'\n'$AGENT_JOINED
  printf '\n%s\n%s\n%s\nunset -f prometheus_on_emr_jmx\n%s\n' "$BEGIN" "${AGENT_FUNCTION//@DIR@/$HOME_DIR/agent}" "$2" "$AGENT_END"
}

# env_write NAME LINES: the env file with a block of LINES at its end, or with none. Whoever reads it finds the old one
# or the new one, and but for what is in it, it is the same: owner, mode, SELinux context, links to it.
env_write() {
  local FILE NEW BEFORE
  AGENT_WHY="there is no $AGENT_CONF/$1"
  FILE=$(readlink -e "$AGENT_CONF/$1") && [ -f "$FILE" ] || return 1
  NEW=${FILE%/*}/.$1.prometheus-on-emr
  AGENT_WHY="${FILE%/*} must belong to root, and nobody else may write there"
  [[ $(stat -c %u%A "${FILE%/*}") == "${EUID}drwx"?-??-? ]] || return 1
  AGENT_WHY="$FILE cannot be written"
  BEFORE=$(sha256sum <"$FILE")
  rm -f "$NEW"
  if cp --preserve=all "$FILE" "$NEW" && env_own "$FILE" >"$NEW" && { [ -z "$2" ] || env_block "$NEW" "$2" >>"$NEW"; }; then
    if [ "$BEFORE" = "$(sha256sum <"$NEW")" ]; then
      rm "$NEW"
      return 0
    fi
    AGENT_WHY="$FILE is not valid shell, or somebody else writes it at this moment"
    if bash -n "$NEW" && [ "$BEFORE" = "$(sha256sum <"$FILE")" ] && mv -fT "$NEW" "$FILE"; then
      CHANGED=true
      return 0
    fi
  fi
  rm -f "$NEW"
  return 1
}
