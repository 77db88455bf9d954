# Mode agent: jmx_exporter inside each daemon, from the daemon's own next start on. Nothing here touches a running one.
# It is proven first in a canary JVM. Then a block at the end of the env files adds it, unless something is not as it was
# proven: an agent that cannot start ends its JVM (jmx_exporter 1.x, JavaAgent.java: System.exit).
#
# Reads:  FOUND (lines of "daemon pid port"), WATCHED (lines of "daemon process user prefix port"), HOME_DIR, VERSION,
#         SSM_Ports. Sets: CHANGED, ENDPOINTS.
# Leaves: per daemon $HOME_DIR/agent/<daemon>.{yml,sha256,lines}: its rules, what was proven, its lines of the block.
AGENT_CONF=/etc/hadoop/conf
AGENT_FILES='hadoop-env.sh yarn-env.sh mapred-env.sh'
AGENT_BEGIN='# BEGIN prometheus-on-emr jmx'
AGENT_JOINED="$AGENT_BEGIN (the last line above had no end)"
AGENT_END='# END prometheus-on-emr jmx'
AGENT_WHY='' AGENT_OUTCOME='' AGENT_REASON='' AGENT_PENDING=''

# In the env files, so for any shell, with any options set: silent, and true whatever happens. Client commands pass here
# too. Hadoop 3 tells `--daemon start` (hadoop-config.sh: arguments first, then the env files); without that only a systemd
# unit starts a daemon. On Hadoop 2 `hdfs namenode -report` beside the running daemon finds the port taken. Taken is also
# what an outgoing connection holds; what a daemon that has just ended leaves behind is not. A socket that is bound and
# does not listen is in no file: so the port is bound as Java will bind it (SO_REUSEADDR: a JVM that starts meanwhile is not
# disturbed), by the Python that the node's package manager brings. In /, for whoever has the working directory may have
# modules there.
# shellcheck disable=SC2016
AGENT_FUNCTION='# Lets jmx_exporter start with a daemon, unless it could not: it is gone, changed or there already, its port is taken. The next run writes this block anew; the uninstall document takes it away.
prometheus_on_emr_jmx() {
  case ${HADOOP_DAEMON_MODE-start}/${INVOCATION_ID-} in start/* | default/?*) ;; *) return 1 ;; esac
  case "${HADOOP_OPTS-} ${YARN_OPTS-} ${JAVA_TOOL_OPTIONS-} ${JDK_JAVA_OPTIONS-} ${_JAVA_OPTIONS-} $3" in
    *prometheus-on-emr/jmx/* | *jmx_prometheus* | *jmx_exporter* | *jmx-exporter*) return 1 ;;
  esac
  grep -qE "^ *[0-9]+: [0-9A-F]+:$2 [0-9A-F]+:[0-9A-F]+ 0[128A] " /proc/net/tcp /proc/net/tcp6 2>/dev/null
  case $? in 1) ;; 2) [ ! -e /proc/net/tcp6 ] || return 1 ;; *) return 1 ;; esac
  sha256sum --status -c "@DIR@/$1.sha256" >/dev/null 2>&1 || return 1
  (cd / && for P in 3 2; do
    [ ! -x "/usr/bin/python$P" ] || exec "/usr/bin/python$P" -ESs -c "import socket, sys
try:
  s = socket.socket(socket.AF_INET6)
  s.setsockopt(41, 26, 0)
  host = sys.argv[2]
except Exception:
  s = socket.socket()
  host = sys.argv[3]
s.setsockopt(1, 2, 1)
s.bind((host, int(sys.argv[1], 16)))" "$2" :: 0.0.0.0
  done) </dev/null >/dev/null 2>&1
}'
# shellcheck disable=SC2016
AGENT_LINES='if prometheus_on_emr_jmx DAEMON HEX "${VARIABLE-} ${OTHER-}"; then
  VARIABLE="${VARIABLE:-DEFAULT} ADDED"
  [ -z "${OTHER-}" ] || OTHER="$OTHER ADDED"
fi'

# agent_of DAEMON HADOOP: the env file, the variable that counts, and the one that replaces it when it is not empty. That
# is on Hadoop 3 the older name (hadoop-functions.sh: hadoop_subcommand_opts; mapred-config.sh); Hadoop 2 knows the older
# ones only. Hadoop 3 gives an empty one a default after the env file (hdfs-config.sh), which must not get lost.
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
  AGENT_FILE=$2-env.sh AGENT_VARIABLE=$3 AGENT_OTHER=$4 AGENT_DEFAULT=$5
  [ "$1" = 3 ] || AGENT_VARIABLE=$4 AGENT_OTHER=$3 AGENT_DEFAULT=''
}

# agent_lines DAEMON HADOOP PORT: for the block.
agent_lines() {
  local TEXT=$AGENT_LINES JAR=$HOME_DIR/$VERSION/agent.jar
  agent_of "$1" "$2"
  TEXT=${TEXT//ADDED/-javaagent:$JAR=$3:$HOME_DIR/agent/$1.yml} TEXT=${TEXT//DEFAULT/$AGENT_DEFAULT}
  TEXT=${TEXT//VARIABLE/$AGENT_VARIABLE} TEXT=${TEXT//OTHER/$AGENT_OTHER}
  TEXT=${TEXT/DAEMON/$1}
  printf '%s\n' "${TEXT/HEX/$(printf %04X "$3")}"
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

# env_new FILE LINES: the file with a block of LINES at its end, or with none.
env_new() {
  local BEGIN=$AGENT_BEGIN
  env_own "$1" || return 1
  [ -n "$2" ] || return 0
  [ -z "$(env_own "$1" | tail -c 1)" ] || BEGIN=$'\n'$AGENT_JOINED
  printf '\n%s\n%s\n%s\nunset -f prometheus_on_emr_jmx\n%s\n' "$BEGIN" "${AGENT_FUNCTION//@DIR@/$HOME_DIR/agent}" "$2" "$AGENT_END"
}

# env_write NAME LINES: puts the new one in place. Whoever reads it finds the old one or the new one, and but for what is in
# it, it is the same: owner, mode, SELinux context, links to it.
env_write() {
  local FILE NEW BEFORE AFTER
  AGENT_WHY="there is no $AGENT_CONF/$1"
  FILE=$(readlink -e "$AGENT_CONF/$1") || return 1
  AGENT_WHY="$FILE must be a file of at most 1 MB" # its owner may make of it a pipe, a device, more than memory holds
  [ -f "$FILE" ] && [ "$(stat -c %s "$FILE")" -le 1048576 ] || return 1
  env_own "$FILE" >/dev/null || return 1
  BEFORE=$(sha256sum <"$FILE")
  AFTER=$(env_new "$FILE" "$2" | sha256sum)
  [ "$BEFORE" != "$AFTER" ] || return 0
  AGENT_WHY="${FILE%/*} must belong to root, and nobody else may write there"
  [[ $(stat -c %u%A "${FILE%/*}") == "${EUID}drwx"?-??-? ]] || return 1
  AGENT_WHY="$FILE cannot be written"
  NEW=${FILE%/*}/.$1.prometheus-on-emr
  rm -f "$NEW"
  if cp --preserve=all "$FILE" "$NEW" && env_new "$FILE" "$2" >"$NEW" && [ "$AFTER" = "$(sha256sum <"$NEW")" ]; then
    bash -n "$NEW" || AGENT_WHY="$FILE is not valid shell"
    # Somebody else may have written it meanwhile.
    if bash -n "$NEW" && [ "$BEFORE" = "$(sha256sum <"$FILE")" ] && mv -fT "$NEW" "$FILE"; then
      CHANGED=true
      return 0
    fi
  fi
  rm -f "$NEW"
  return 1
}

# port_taken PORT: by anybody, as the block sees it.
port_taken() { grep -qsE "^ *[0-9]+: [0-9A-F]+:$(printf %04X "$1") [0-9A-F]+:[0-9A-F]+ 0[128A] " /proc/net/tcp /proc/net/tcp6; }

agent_page() { curl -q --silent --noproxy '*' --max-time 5 "http://127.0.0.1:$1/metrics" | head -c 4000000 || true; }

# The canary's main class waits for its input to end, and it ends with us: in every JDK and JRE from 8 on, without any of
# the daemon's own classes.
AGENT_MAIN='sun.security.tools.keytool.Main -printcert'
# As the daemon's user, so whatever that user has made of its process: first PID, then the command. In the daemon's
# environment, and the kernel takes it before any daemon.
# shellcheck disable=SC2016
AGENT_LAUNCH='ulimit -c 0 -f 20000
echo 1000 >/proc/self/oom_score_adj
while IFS= read -r -d "" SETTING; do export "$SETTING"; done 2>/dev/null <"/proc/$1/environ"
unset JAVA_TOOL_OPTIONS _JAVA_OPTIONS JDK_JAVA_OPTIONS
shift
exec "$@"'

# canary_words ARGUMENT...: into WORDS what decides whether an agent starts: the other agents and what is said to them,
# the modules they look into. Not what takes memory or ports or writes files (GC log, dumps), nor what marks a daemon.
canary_words() {
  local WORD
  while [ $# -gt 0 ]; do
    WORD=$1
    shift
    case $WORD in
      -Dproc_* | -Dcom.sun.management.* | -agentlib:jdwp* | -Xrunjdwp* | -javaagent:"$HOME_DIR"/*) ;;
      -javaagent:* | -agentlib:* | -agentpath:* | -Xbootclasspath* | -D?* | --add-*=*) WORDS+=("$WORD") ;;
      -cp | -classpath | -p | --class-path | --module-path | --add-*)
        [[ $WORD != --add-* ]] || WORDS+=("$WORD" "${1-}")
        [ $# = 0 ] || shift
        ;;
      [!-@]*) return 0 ;;
    esac
  done
}

# words_of PID FILE: whoever has a process can make reading its memory wait for ever.
words_of() { timeout -s KILL 4 head -c 1000000 "/proc/$1/$2" || true; }

# read_daemon PID: its JAVA, WORDS and HADOOP.
read_daemon() {
  local PID=$1 WORD OPTIONS='' ALL=()
  WORDS=() HADOOP=3 AGENT_WHY='it has gone'
  JAVA=$(readlink "/proc/$PID/exe") || return 1
  AGENT_WHY="its program cannot be started anew: $JAVA"
  [[ $JAVA == */java && -x $JAVA ]] || return 1
  AGENT_WHY='it has gone'
  [[ $(readlink "/proc/$PID/fd/"* || true) != */hadoop-common-2.* ]] || HADOOP=2
  while IFS= read -r -t 5 -d '' WORD; do
    case $WORD in JAVA_TOOL_OPTIONS=* | _JAVA_OPTIONS=* | JDK_JAVA_OPTIONS=*) OPTIONS+=" ${WORD#*=}" ;; esac
  done < <(words_of "$PID" environ)
  while IFS= read -r -t 5 -d '' WORD; do ALL+=("$WORD"); done < <(words_of "$PID" cmdline)
  [ ${#ALL[@]} -gt 1 ] || return 1
  set -f
  # shellcheck disable=SC2086
  canary_words $OPTIONS
  set +f
  canary_words "${ALL[@]:1}"
}

# canary PID USER JAR ADDRESS RULES: does a JVM like that one start with the agent and answer? It is gone afterwards.
canary() {
  local DIR=$HOME_DIR/agent/canary CHILD PAGE='' OK=false
  AGENT_WHY="cannot write under $HOME_DIR"
  rm -rf "$DIR" && mkdir -m 700 "$DIR" && mkfifo "$DIR/end" || return 1
  exec 8<>"$DIR/end"
  # shellcheck disable=SC2086
  timeout -k 2 20 env -i PATH="$PATH" setpriv --reuid "$(id -u "$2")" --regid "$(id -g "$2")" --init-groups --inh-caps=-all \
    --no-new-privs nice bash -c "$AGENT_LAUNCH" canary "$1" "$JAVA" ${WORDS[@]+"${WORDS[@]}"} -Xmx256m -XX:+UseSerialGC \
    -XX:TieredStopAtLevel=1 -XX:-UsePerfData "-javaagent:$3=$4:$5" $AGENT_MAIN <"$DIR/end" >"$DIR/said" 2>&1 3>&- 4>&- 8>&- 9>&- &
  CHILD=$!
  while kill -0 "$CHILD" 2>/dev/null; do
    PAGE=$(agent_page "${4##*:}")
    if [[ $PAGE == *$'\njmx_scrape_error 0.0'* && $PAGE == *$'\njvm_'* ]] && kill -0 "$CHILD"; then OK=true && break; fi
    sleep 0.1
  done
  exec 8>&-
  kill "$CHILD" 2>/dev/null || true
  wait "$CHILD" || true
  AGENT_WHY="a canary JVM does not answer: $(grep -m 1 -E 'Exception|rror' "$DIR/said" || tail -n 1 "$DIR/said" || true)"
  rm -rf "$DIR"
  [ "$OK" = true ]
}

watched() { printf '%s\n' "$WATCHED" | grep "^$1 " | cut -d ' ' -f "$2"; } # DAEMON FIELD

# refuse OUTCOME WHO: why is in AGENT_WHY. The worst outcome is the run's.
refuse() {
  AGENT_REASON+="${AGENT_REASON:+, }$2: $AGENT_WHY"
  case $AGENT_OUTCOME/$1 in failed/* | conflict/unsupported) ;; *) AGENT_OUTCOME=$1 ;; esac
}

# agent_queues PID PORT: into RULES, the rules less the queues beyond the fiftieth on its page (OURS). Its exporter reads
# them again, and ends the daemon's next start if they are none: so they are proven like others.
agent_queues() (
  PATH=/usr/bin:/bin FILE=$HOME_DIR/agent/resourcemanager.queues
  . "$HOME_DIR/files/queues.sh"
  read -r -d '' LINE <"/proc/$1/stat" || [ -n "$LINE" ] || return 1
  # shellcheck disable=SC2086
  set -- "$1" "$2" ${LINE##*) }
  if ! holds "$FILE.of" "$1 ${22}"; then
    rm -f "$FILE" "$FILE".*
    printf '%s\n' "$1 ${22}" >"$FILE.of"
  fi
  if [ "$OURS" = true ]; then
    PAGE=$(agent_page "$2" | grep '^yarn_resourcemanager_queue_[a-z_]*{' || true)
    NEW=$(printf '%s\n' "$PAGE" | dropped_queues "$FILE")
    if ! holds "$FILE" "$NEW"; then
      printf '%s\n' "$NEW" >"$FILE.new"
      printf '%s\n' "$PAGE" | shown_queues "$FILE.new" >"$FILE.shown"
      mv "$FILE.new" "$FILE"
    fi
  fi
  [ -e "$FILE" ] || : >"$FILE"
  NEW=$(without_queues "$FILE" <"$HOME_DIR/rules/resourcemanager.yml")
  [[ $NEW == *$'\nrules:\n'* ]] && { holds "$RULES" "$NEW" || replace_file "$RULES" "$NEW"; }
)

# prove DAEMON PID PORT: its files under agent/, unless they are there and nothing has changed. Its own port is tried only
# as long as no env file names it: a daemon that starts at this very moment must not meet the canary there.
prove() {
  local DIR=$HOME_DIR/agent JAR=$HOME_DIR/$VERSION/agent.jar RULES=$HOME_DIR/rules/$1.yml LINE WORD AT=$3
  read_daemon "$2" || { refuse unsupported "$1" && return; }
  for WORD in ${WORDS[@]+"${WORDS[@]}"}; do
    AGENT_WHY="it carries another jmx_exporter: $WORD"
    case $WORD in -javaagent:*jmx_prometheus* | -javaagent:*jmx_exporter* | -javaagent:*jmx-exporter*) refuse conflict "$1" && return ;; esac
  done
  AGENT_WHY="port $3 is taken by another process: give $1 another one in ports"
  look_at "$3" "$2"
  if [ "$TAKEN" = true ]; then refuse conflict "$1" && return; fi
  # Readable for the daemon's user, whom the checksums do not ask.
  if [ -n "$(find "$JAR" "$DIR/$1".* ! -perm 644)" ]; then
    chmod 644 "$JAR" "$DIR/$1".*
    CHANGED=true
  fi
  if [ "$1" = resourcemanager ]; then
    RULES=$DIR/$1.rules
    AGENT_WHY='its queues cannot be counted'
    agent_queues "$2" "$3" || { refuse failed "$1" && return; }
  fi
  LINE=$(agent_lines "$1" "$HADOOP" "$3")
  if [ "$(cat "$DIR/$1.lines" || true)" = "$LINE" ] && [ "$(sha256sum <"$RULES")" = "$(sha256sum <"$DIR/$1.yml")" ] &&
    sha256sum --status -c "$DIR/$1.sha256"; then return; fi
  if [ -e "$DIR/$1.lines" ] || port_taken "$3"; then
    AT=47101
    while port_taken "$AT"; do AT=$((AT + 1)); done
    AT=127.0.0.1:$AT
  fi
  canary "$2" "$(watched "$1" 3)" "$JAR" "$AT" "$RULES" || { refuse failed "$1" && return; }
  AGENT_WHY="cannot write under $DIR"
  CHANGED=true
  [ "$1" != resourcemanager ] || AGAIN=60 # to count its queues anew
  cp "$RULES" "$DIR/$1.yml.new" && mv "$DIR/$1.yml.new" "$DIR/$1.yml" && sha256sum "$JAR" "$DIR/$1.yml" >"$DIR/$1.sha256.new" &&
    printf '%s\n' "$LINE" >"$DIR/$1.lines.new" && mv "$DIR/$1.sha256.new" "$DIR/$1.sha256" && mv "$DIR/$1.lines.new" "$DIR/$1.lines" ||
    refuse failed "$1"
}

# write_env_files: a block of the lines that there are under agent/, for a file that was written anew by others too.
write_env_files() {
  local FILE TEXT NAME DAEMON
  for FILE in $AGENT_FILES; do
    TEXT=''
    for NAME in "$HOME_DIR"/agent/*.lines; do
      [ -e "$NAME" ] || continue
      DAEMON=${NAME##*/}
      agent_of "${DAEMON%.lines}" 3
      [ "$AGENT_FILE" != "$FILE" ] || TEXT+=${TEXT:+$'\n'}$(<"$NAME")
    done
    [ -n "$TEXT" ] || [ -e "$AGENT_CONF/$FILE" ] || continue
    env_write "$FILE" "$TEXT" || refuse failed "$FILE"
  done
}

agent_apply() {
  local DAEMON NAME PAGE PREFIX
  mkdir -p "$HOME_DIR/agent"
  for NAME in "$HOME_DIR"/agent/*.lines; do
    DAEMON=${NAME##*/} DAEMON=${DAEMON%.lines}
    [ ! -e "$NAME" ] || [[ ,$SSM_Ports == *",$DAEMON="* ]] || rm "$HOME_DIR/agent/$DAEMON".*
  done
  for DAEMON in ${FOUND[@]+"${FOUND[@]}"}; do
    # shellcheck disable=SC2086
    set -- $DAEMON
    AGENT_WHY='is not known to mode agent'
    if agent_of "$1" 3; then prove "$1" "$2" "$3"; else refuse unsupported "$1"; fi
  done
  ! command -v restorecon || restorecon -RF "$HOME_DIR/agent" || true
  write_env_files
  ENDPOINTS=''
  for DAEMON in ${FOUND[@]+"${FOUND[@]}"}; do
    # shellcheck disable=SC2086
    set -- $DAEMON
    look_at "$3" "$2"
    PAGE='' PREFIX=$(watched "$1" 4)
    [ "$OURS" = false ] || PAGE=$(agent_page "$3")
    if [[ $PAGE == *$'\njmx_scrape_error 0.0'* && $PAGE == *$'\n'$PREFIX* ]]; then
      ENDPOINTS+="${ENDPOINTS:+,}{\"port\":$3,\"labels\":{\"daemon\":\"$1\"}}"
    elif [ -e "$HOME_DIR/agent/$1.lines" ]; then
      AGENT_PENDING+=" $1"
    fi
  done
  ENDPOINTS="[$ENDPOINTS]"
}

agent_report() {
  local WAIT="${AGENT_PENDING:+from the next start on:$AGENT_PENDING}"
  [ "$AGENT_OUTCOME" != failed ] || report failed 1 "$AGENT_REASON"
  [ -z "$WAIT" ] || report pendingRestart 0 "$WAIT${AGENT_REASON:+; $AGENT_REASON}"
  [ -z "$AGENT_OUTCOME" ] || [ "$ENDPOINTS" != '[]' ] || report "$AGENT_OUTCOME" 0 "$AGENT_REASON"
  report installed 0 "$AGENT_REASON"
}

# agent_in_use FILE: does a JVM that lives or starts name it in its agents? One whose arguments cannot be read may.
agent_in_use() {
  local RC=0
  timeout -s KILL 5 grep -zqs -e "^-javaagent:.*$1" /proc/[0-9]*/cmdline || RC=$?
  [ $RC = 0 ] || [ $RC -ge 124 ]
}

# agent_remove: no daemon starts with it from here on. One that runs with it keeps it, so its rules stay (and its jar must:
# agent_in_use) until a run after its next start.
agent_remove() {
  local NAME WAS=$CHANGED KEPT='' DIR=$HOME_DIR/agent
  CHANGED=false
  for NAME in $AGENT_FILES; do
    [ ! -e "$AGENT_CONF/$NAME" ] || env_write "$NAME" '' || fail "$AGENT_WHY"
  done
  [ "$CHANGED" = false ] || sleep 3 # one that has read its env file has no JVM yet
  for NAME in "$DIR"/*; do
    [ -e "$NAME" ] || continue
    if [[ $NAME == *.yml ]] && agent_in_use "$NAME"; then
      KEPT+=" ${NAME##*/}"
    else
      rm -rf "$NAME"
      CHANGED=true
    fi
  done
  rmdir "$DIR" || true
  [ "$WAS" = false ] || CHANGED=true
  AGENT_REASON=${KEPT:+these daemons keep the agent until their next start:${KEPT//.yml/}}
}
