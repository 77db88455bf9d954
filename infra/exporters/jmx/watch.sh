#!/bin/bash
# Follows the Hadoop daemons of this node and runs an exporter for each, over the local connector of its JVM. Started
# without arguments by prometheus-on-emr-jmx.service, which starts it again whenever it ends; all it must remember is in
# RUN. `watch.sh look FILE` says once which daemons of FILE run: name, pid, start and age of each; nothing is touched.
# `watch.sh ask NAME` is the attach, in a unit of its own, prometheus-on-emr-jmx-ask@NAME.
#
# What a daemon notices of us: one attach as its own user, by its own jcmd, and the scrapes. No fork while nothing changes.
# For bash 4.2. No wall clock: it jumps.
set -uf
umask 077
export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin
HOME_DIR=/opt/prometheus-on-emr/jmx RUN=/run/prometheus-on-emr-jmx OWNER=prometheus-on-emr-jmx
AGE=10 # seconds before a JVM is attached to: SIGQUIT kills one that has not set its handler yet
declare -A PROCESS=() USER_OF=() PORT=() UIDS=()
declare -A PID=() BORN_AT=() STATE=() TRIES=() DUE=() REASON=() SAID=()    # the daemon in hand
declare -A URL=() JAVA=() EXPORTER=() SINCE=() FALLS=() RETRY=() RUNS=() # its exporter
declare -A ASKING=() # until when its answer is waited for
declare -A READ=() UNREAD=() # of processes that were looked at, of users
NAMES='' NEXT_ASK=0 NEXT_READ=0 COUNT='' COUNT_FOR='' COUNT_DUE=0 SCAN=true NEXT_SCAN=0 RECENT='' SURE=true

# FILE has lines `name process user prefix port`.
read_daemons() {
  local NAME PROC OWN _PREFIX AT
  while read -r NAME PROC OWN _PREFIX AT; do
    NAMES+=" $NAME" PROCESS[$NAME]=$PROC USER_OF[$NAME]=$OWN PORT[$NAME]=$AT PID[$NAME]=''
  done <"$1"
}

# From the file, not from a directory service: that may hang.
read_users() {
  local NAME ID
  UIDS=()
  while IFS=: read -r NAME _ ID _; do UIDS[${NAME:-.}]=$ID; done </etc/passwd
}

read_clock() {
  read -r UP _ </proc/uptime
  UP=${UP%%.*}
}

# stat_of PID: is there such a process? CONDITION, TERMINAL and BORN (hundredths of a second after boot).
stat_of() {
  local LINE=''
  { read -r -d '' LINE <"/proc/$1/stat"; } 2>/dev/null
  [ -n "$LINE" ] || return 1
  set -- ${LINE##*) } # the name before it may hold anything
  CONDITION=$1 BORN=${20}
  [[ $CONDITION != [ZXx] ]]
}

# alive PID BORN: a zombie has no exe. That the number is not another process's by now is made sure of when all processes
# are looked at, as they are whenever the numbers have begun anew.
alive() {
  [ -e "/proc/$1/exe" ] || return 1
  [ "$SURE" = false ] || { stat_of "$1" && [ "$BORN" = "$2" ]; }
}

# status_of PID: LEADER, effective USER_ID and GROUP_ID, CAUGHT (mask of the signals that it handles).
status_of() {
  local KEY REAL EFFECTIVE
  LEADER='' USER_ID='' GROUP_ID='' CAUGHT=''
  { while IFS=$':\t ' read -r KEY REAL EFFECTIVE _; do
    case $KEY in
      Tgid) LEADER=$REAL ;;
      Uid) USER_ID=$EFFECTIVE ;;
      Gid) GROUP_ID=$EFFECTIVE ;;
      SigCgt) CAUGHT=$REAL && break ;;
    esac
  done <"/proc/$1/status"; } 2>/dev/null
  [ -n "$CAUGHT" ]
}

# recognise PID: which daemon is it (FOUND)? By its user, and by java's arguments before the main class. A container may have
# a user of the same number. Whoever has a process can make reading its arguments wait for ever (they may be in a file of
# his), so another process reads, for a second; of a user's processes that let us wait, three between two looks at all.
recognise() {
  local NAME ARG BEGAN ENDED MARK='' LEFT=1000 READERS=()
  FOUND='' ATTACHABLE=true OURS=false IS_READ=false
  status_of "$1" && [ "$LEADER" = "$1" ] && [ "$USER_ID" != 0 ] || return 1
  for NAME in $NAMES; do [ "${UIDS[${USER_OF[$NAME]}]-}" != "$USER_ID" ] || FOUND=$NAME; done
  [ -n "$FOUND" ] && [ "/proc/$1/ns/pid" -ef /proc/self/ns/pid ] && [ "/proc/$1/ns/user" -ef /proc/self/ns/user ] || return 1
  FOUND=''
  [ "${UNREAD[$USER_ID]:-0}" -lt 3 ] || return 1
  { read -r -a READERS <"/proc/$BASHPID/task/$BASHPID/children"; } 2>/dev/null # before Linux 5.4 nothing ends one that waits
  [ ${#READERS[@]} -lt 40 ] || return 1
  read -r BEGAN _ </proc/uptime
  exec 6< <(exec timeout -s KILL 1 head -c 65536 "/proc/$1/cmdline" 2>/dev/null 8>&-)
  { while [ $((LEFT -= 1)) -gt 0 ] && IFS= read -r -t 2 -d '' -u 6 ARG; do
    case $ARG in
      -Dproc_*) MARK+=" ${ARG#-Dproc_} " ;; # HiveServer2 is a `jar` first, then itself
      -XX:+DisableAttachMechanism) ATTACHABLE=false ;;
      -XX:-DisableAttachMechanism) ATTACHABLE=true ;;
      -javaagent:/opt/prometheus-on-emr/jmx/*) OURS=true ;;
      -cp | -classpath | -p | --class-path | --*-path | --*-modules | --add-reads | --add-exports | --add-opens | --patch-module)
        read -r -t 2 -d '' -u 6 _ ;;
      [!-@]*) [ $LEFT = 999 ] || break ;; # the first is java itself, the next that is no option the main class
    esac
  done; } 2>/dev/null
  exec 6<&-
  read -r ENDED _ </proc/uptime
  if [ $((10#${ENDED/.} - 10#${BEGAN/.})) -ge 90 ]; then
    UNREAD[$USER_ID]=$((${UNREAD[$USER_ID]:-0} + 1))
  elif [ $LEFT -lt 999 ]; then
    IS_READ=true
  fi
  for NAME in $NAMES; do
    [[ $MARK != *" ${PROCESS[$NAME]} "* ]] || [ "${UIDS[${USER_OF[$NAME]}]-}" != "$USER_ID" ] || FOUND=$NAME
  done
  [ -n "$FOUND" ] && stat_of "$1"
}

# Of several, the oldest: `hdfs namenode -format` by hand looks like a NameNode too. What one's arguments say is kept for a
# while, for a node may run a hundred containers.
consider() {
  local COMMAND='' WAS
  read -r COMMAND <"/proc/$1/comm"
  [[ $COMMAND == java || $COMMAND == jsvc* ]] && stat_of "$1" || return 0
  WAS=$BORN FOUND=${READ[$1]-}
  if [ "${FOUND% *}" = "$WAS" ]; then
    FOUND=${FOUND#* }
  else
    recognise "$1" || FOUND=''
    [ $IS_READ = false ] || READ[$1]="$WAS $FOUND"
  fi
  [ -n "$FOUND" ] && [ "$BORN" = "$WAS" ] && [ -z "${PID[$FOUND]}" ] || return 0
  if [ -z "${BEST[$FOUND]-}" ] || [ "$BORN" -lt "${BEST[$FOUND]% *}" ]; then BEST[$FOUND]="$BORN $1"; fi
}

# Looks at the processes that came since the look before; a launcher becomes java in the moments after its birth, so
# each is looked at when it is six to nine seconds old. All of them every two minutes, and when a daemon is lost: with
# 200 processes that costs as much as twenty looks.
scan() {
  local DIR LAST FROM TO NUMBER NAME
  declare -A BEST=()
  read -r _ _ _ _ LAST </proc/loadavg # the newest process id
  RECENT="$RECENT $LAST"
  set -- $RECENT
  FROM=$1 TO=${2-$1}
  [ $# -lt 4 ] || shift && RECENT=$*
  if [ "$SCAN" = true ] || [ "$UP" -ge "$NEXT_SCAN" ] || [ "$TO" -lt "$FROM" ] || [ $((TO - FROM)) -gt 1000 ]; then
    [ "$UP" -lt "$NEXT_SCAN" ] || UNREAD=()
    [ "$UP" -lt "$NEXT_READ" ] || NEXT_READ=$((UP + 1200)) READ=()
    SCAN=false SURE=true NEXT_SCAN=$((UP + 120))
    read_users
    set +f
    set -- /proc/[1-9]*
    set -f
    for DIR; do consider "${DIR#/proc/}"; done
  else
    for ((NUMBER = FROM + 1; NUMBER <= TO; NUMBER += 1)); do consider "$NUMBER"; done
  fi 2>/dev/null
  for NAME in $NAMES; do [ -z "${BEST[$NAME]-}" ] || take "$NAME" ${BEST[$NAME]}; done
}

unit_of() { printf 'prometheus-on-emr-jmx@%s.service' "$1"; }

# tell NAME: what is known, for people and for the install document: pid and start of the daemon, on | waiting | refused,
# how often it was asked, when it is asked again (seconds after boot), pid of its exporter, why.
tell() {
  local TEXT="${PID[$1]} ${BORN_AT[$1]} ${STATE[$1]} ${TRIES[$1]} ${DUE[$1]} ${EXPORTER[$1]:-0} ${REASON[$1]}"
  [ "${SAID[$1]-}" != "$TEXT" ] || return 0
  (umask 022 && printf '%s\n' "$TEXT" >"$RUN/$1.status.new") && mv -f "$RUN/$1.status.new" "$RUN/$1.status" && SAID[$1]=$TEXT
}

# later NAME TRIES: 1, 2, 4 … 2,048 minutes from now. A JVM that takes attaching for the SIGQUIT that it begins with prints
# all of its threads, up to six times (Java 17): megabytes in the .out file of a NameNode, which nobody rotates.
later() { DUE[$1]=$((UP + (60 << ($2 < 12 ? $2 - 1 : 11)))); }

# take NAME BORN PID: this daemon is followed from now on, for as long as it lives. What an earlier watcher learned of it
# still holds, the number of its tries above all: a watcher that dies again and again must not attach again and again.
take() {
  local WAS BORN WORD TRIED NEXT WHY
  EXPORTER[$1]=${EXPORTER[$1]-} PID[$1]=$3 BORN_AT[$1]=$2 STATE[$1]=waiting TRIES[$1]=0 DUE[$1]=0 REASON[$1]='found'
  if read_answer "$1" address; then
    URL[$1]=$ANSWER JAVA[$1]=$MORE STATE[$1]=on REASON[$1]=''
  elif { read -r WAS BORN WORD TRIED NEXT _ WHY <"$RUN/$1.status"; } 2>/dev/null && [ "$WAS $BORN" = "$3 $2" ]; then
    STATE[$1]=${WORD/#on/waiting} TRIES[$1]=$TRIED DUE[$1]=$NEXT REASON[$1]=$WHY
    [ "$TRIED $WHY" != '1 found' ] || ASKING[$1]=$((UP + 40)) # it goes on without the watcher
  else
    rm -f "$RUN/$1.queues"
  fi
  tell "$1"
}

# read_answer NAME KIND: what was learned of the daemon in hand: two lines, after one that says of which process.
read_answer() {
  local WHOSE
  { { read -r WHOSE && read -r ANSWER && read -r MORE; } <"$RUN/$1.$2"; } 2>/dev/null &&
    [ "$WHOSE" = "${PID[$1]} ${BORN_AT[$1]}" ]
}

stop_exporter() {
  systemctl stop --no-block "$(unit_of "$1")"
  rm -f "$RUN/$1.yml" "$RUN/$1.env"
  EXPORTER[$1]='' RUNS[$1]=''
}

# The daemon is gone. If its successor is there already its exporter stays, else `up` must become 0.
lose() {
  PID[$1]='' SCAN=true URL[$1]='' ASKING[$1]=''
  rm -f "$RUN/$1.address" "$RUN/$1.refused" "$RUN/$1.status" "$RUN/$1.queues" "$RUN/$1.queues.page" "$RUN/$1.queues.new" "$RUN/$1.queues.shown"
  SAID[$1]=''
  scan
  [ -n "${PID[$1]}" ] || stop_exporter "$1"
}

# follow NAME: one look at one daemon.
follow() {
  [ -n "${PID[$1]}" ] || return 0
  if ! alive "${PID[$1]}" "${BORN_AT[$1]}"; then
    lose "$1"
  elif [ "${STATE[$1]}" = on ]; then
    follow_exporter "$1"
  elif [ -n "${ASKING[$1]-}" ]; then
    PACE=0.2
    if read_answer "$1" address || read_answer "$1" refused || [ "$UP" -ge "${ASKING[$1]}" ]; then take_answer "$1"; fi
  elif [ "$UP" -lt "${DUE[$1]}" ]; then
    : # later
  elif [ "$UP" -lt "$NEXT_ASK" ] || [ $((UP * 100 - ${BORN_AT[$1]})) -lt $((AGE * 100)) ]; then
    PACE=0.2
  elif stat_of "${PID[$1]}" && [[ $CONDITION != [Tt] ]]; then
    TRIES[$1]=$((TRIES[$1] + 1))
    later "$1" "${TRIES[$1]}" # before it is tried: whatever happens to us, it is not tried again at once
    tell "$1"
    rm -f "$RUN/$1.address" "$RUN/$1.refused"
    timeout 15 systemctl restart --no-block "prometheus-on-emr-jmx-ask@$1.service"
    ASKING[$1]=$((UP + 40)) NEXT_ASK=$((UP + 5)) # one after the other, but for one that hangs
  fi
}

take_answer() {
  ASKING[$1]='' NEXT_ASK=0
  if read_answer "$1" address; then
    URL[$1]=$ANSWER JAVA[$1]=$MORE STATE[$1]=on REASON[$1]=''
    FALLS[$1]=0 RETRY[$1]=0
    if [ -n "${EXPORTER[$1]-}" ] && [ "${RUNS[$1]}" != "${JAVA[$1]}" ]; then
      stop_exporter "$1"
    elif [ -n "${EXPORTER[$1]-}" ]; then
      write_files "$1"
    fi
  else
    read_answer "$1" refused || ANSWER=waiting MORE='the attach broke off'
    [ "${TRIES[$1]}" -lt 2 ] || ANSWER=refused
    STATE[$1]=$ANSWER REASON[$1]=$MORE
    [ -z "${EXPORTER[$1]-}" ] || stop_exporter "$1"
  fi
  tell "$1"
}

# write_files NAME: into place by rename; an exporter that runs reads its YAML again, if it is younger than the one before,
# whichever way the wall clock has jumped. With another java or port it does not.
write_files() {
  local RULES='' FILE="$RUN/$1"
  [ ! -s "$FILE.queues" ] || RULES=$(. "$HOME_DIR/files/queues.sh" && without_queues "$FILE.queues" <"$HOME_DIR/rules/$1.yml")
  [ -n "$RULES" ] || read -r -d '' RULES <"$HOME_DIR/rules/$1.yml"
  rm -f "$FILE.yml.new" "$FILE.env.new"
  printf 'jmxUrl: "%s"\n%s\n' "${URL[$1]}" "$RULES" >"$FILE.yml.new" &&
    printf 'JAVA=%s\nPORT=%s\n' "${JAVA[$1]}" "${PORT[$1]}" >"$FILE.env.new" &&
    { [ ! -e "$FILE.yml" ] || [ "$FILE.yml.new" -nt "$FILE.yml" ] || touch -r "$FILE.yml" -d '+1 second' "$FILE.yml.new"; } &&
    chown "$OWNER:$OWNER" "$FILE.yml.new" && mv -f "$FILE.yml.new" "$FILE.yml" && mv -f "$FILE.env.new" "$FILE.env"
}

# follow_exporter NAME: it is started by us alone. One that falls is started again at once, then after 1, 2, 4 … minutes.
follow_exporter() {
  if [ -z "${EXPORTER[$1]-}" ]; then
    [ "$UP" -ge "${RETRY[$1]-0}" ] || return 0
    start_exporter "$1"
  elif ! alive "${EXPORTER[$1]}" "${SINCE[$1]}"; then
    fallen "$1"
  elif [ "${FALLS[$1]-0}" != 0 ] && [ $((UP * 100 - ${SINCE[$1]})) -ge 6000 ]; then
    FALLS[$1]=0 REASON[$1]=''
    tell "$1"
  elif [ "$1" = resourcemanager ] && [ "$UP" -ge "$COUNT_DUE" ]; then
    follow_queues "$1"
  fi
}

# follow_queues NAME: a quarter of a minute after the exporter's start or a change, every ten minutes else. Here and not at
# the orders, which come every some hours: until then a thousand queues would be on the page.
follow_queues() {
  local RC=0
  if [ -z "$COUNT" ]; then
    count_queues "$1" </dev/null >/dev/null 2>&1 &
    COUNT=$! COUNT_FOR="${PID[$1]} ${BORN_AT[$1]}"
  elif ! kill -0 "$COUNT" 2>/dev/null; then
    wait "$COUNT" || RC=$?
    COUNT='' COUNT_DUE=$((UP + 600))
    if [ "$COUNT_FOR" != "${PID[$1]} ${BORN_AT[$1]}" ]; then
      rm -f "$RUN/$1.queues" # counted on another's page
      COUNT_DUE=$UP
    elif [ $RC = 0 ]; then
      COUNT_DUE=$((UP + 15))
      write_files "$1"
    elif [ $RC -gt 1 ]; then
      COUNT_DUE=$((UP + 60))
    fi
  fi
}

# count_queues NAME: a process of its own. 0: the queues to be dropped are others now; 1: the same; 2: there is no page.
count_queues() {
  local FILE="$RUN/$1.queues"
  . "$HOME_DIR/files/queues.sh"
  curl -q --silent --fail --noproxy '*' --max-time 20 "http://127.0.0.1:${PORT[$1]}/metrics" | head -c 8000000 |
    grep '^yarn_resourcemanager_queue_[a-z_]*{' >"$FILE.page" || exit 2
  dropped_queues "$FILE" <"$FILE.page" >"$FILE.new" || exit 2
  [ -e "$FILE" ] || : >"$FILE"
  [ "$(<"$FILE.new")" != "$(<"$FILE")" ] || exit 1
  shown_queues "$FILE.new" <"$FILE.page" >"$FILE.shown.new" && mv -f "$FILE.shown.new" "$FILE.shown" && mv -f "$FILE.new" "$FILE"
}

start_exporter() {
  local LINE
  COUNT_DUE=$((UP + 15))
  if write_files "$1"; then
    RUNS[$1]=${JAVA[$1]}
    timeout 15 systemctl start "$(unit_of "$1")"
    LINE=$(systemctl show -p MainPID "$(unit_of "$1")")
    EXPORTER[$1]=${LINE#MainPID=}
    if stat_of "${EXPORTER[$1]}"; then SINCE[$1]=$BORN; else fallen "$1"; fi
    tell "$1"
  else
    fallen "$1"
    REASON[$1]="cannot write under $RUN"
    tell "$1"
  fi
}

fallen() {
  EXPORTER[$1]='' FALLS[$1]=$((${FALLS[$1]-0} + 1)) RETRY[$1]=$UP
  [ "${FALLS[$1]}" = 1 ] || RETRY[$1]=$((UP + (60 << (${FALLS[$1]} < 8 ? ${FALLS[$1]} - 2 : 6))))
  REASON[$1]="the exporter does not stay up: journalctl -u prometheus-on-emr-jmx@$1; is port ${PORT[$1]} taken?"
  tell "$1"
}

# From here to the end of jcmd_says: in the unit that asks.

# answer NAME KIND LINE LINE
answer() {
  printf '%s %s\n%s\n%s\n' "$WHOSE" "$WHOSE_BORN" "$3" "$4" >"$RUN/$1.$2.new" && mv -f "$RUN/$1.$2.new" "$RUN/$1.$2"
  exit 0
}

# ask NAME PID BORN: learns the address of the daemon's connector, which is a secret: it goes through a pipe and into
# files of root's and the exporter's, never into arguments or the journal.
ask() {
  local ADDRESS='' COMPLAINT='' JCMD EXE
  WHOSE=$2 WHOSE_BORN=$3
  EXE=$(readlink "/proc/$2/exe") || EXE=''
  find_jcmd || answer "$1" refused refused "$COMPLAINT"
  is_roots "$EXE" || answer "$1" refused refused "others than root may write to $EXE, which is to run the exporter"
  recognise "$2" && [ "$FOUND" = "$1" ] && [ "$BORN" = "$3" ] || answer "$1" refused waiting 'it has gone'
  [ "$OURS" = false ] || answer "$1" refused refused 'it carries the agent, until its next start'
  [ "$ATTACHABLE" = true ] || answer "$1" refused refused 'attach disabled: the JVM runs with -XX:+DisableAttachMechanism'
  [[ $CAUGHT == *[4-7c-f] ]] || answer "$1" refused refused 'JVM runs with -Xrs: SIGQUIT is not caught'
  [[ $CONDITION != [Tt] ]] || answer "$1" refused waiting 'the process is stopped'
  jcmd_says "$(printf 'ManagementAgent.start_local\nManagementAgent.status')"
  # Java 8 has no status; a reader of the JVM's counters file, not of the JVM.
  [ -n "$ADDRESS" ] || [ -n "$COMPLAINT" ] || jcmd_says PerfCounter.print
  [[ ${#ADDRESS} -lt 4000 && $ADDRESS =~ ^service:jmx:rmi://[]0-9a-fA-F.:[]+/stub/[A-Za-z0-9+/=]+$ ]] ||
    answer "$1" refused waiting "${COMPLAINT:-jcmd told no address}"
  answer "$1" address "$ADDRESS" "$EXE"
}

find_jcmd() {
  case $EXE in
    *' (deleted)') COMPLAINT="its java was replaced since it started: $EXE" ;;
    */java) for JCMD in "${EXE%/*}/jcmd" "${EXE%/jre/bin/*}/bin/jcmd"; do [ ! -x "$JCMD" ] || return 0; done
      COMPLAINT="no jcmd beside $EXE" ;;
    '') COMPLAINT='its java cannot be seen' ;;
    *) COMPLAINT="$EXE is not java" ;;
  esac
  return 1
}

# is_roots FILE: can nobody else put another file there? The exporter is run by it, and knows other daemons' secrets.
is_roots() {
  local FILE=$1 MODE
  while MODE=$(stat -c '%u %A' "${FILE:-/}") && [[ $MODE == '0 '?????-??-? ]]; do
    [ -n "$FILE" ] || return 0
    FILE=${FILE%/*}
  done
  return 1
}

# jcmd_says COMMAND: as the daemon's user and group, which HotSpot compares. Whoever is that user can stop jcmd, or make
# it start others: its output is read with a deadline, and with the unit ends all that is left of it.
jcmd_says() {
  local LINE END
  read_clock
  END=$((UP + 12))
  exec 7< <(exec env -i PATH="$PATH" setpriv --reuid "$USER_ID" --regid "$GROUP_ID" --clear-groups --inh-caps=-all --no-new-privs \
    "$JCMD" -J-Xmx32m -J-XX:+UseSerialGC -J-XX:TieredStopAtLevel=1 -J-XX:-UsePerfData "$WHOSE" "$1" 2>&1)
  while read_clock && [ "$UP" -lt "$END" ] && IFS= read -r -t 12 -u 7 LINE; do
    case $LINE in
      'URL '*' : service:jmx:rmi:'*/stub/*) ADDRESS=${LINE##* } ;;
      *.JMXConnectorServer.address=\"*\") LINE=${LINE#*\"} ADDRESS=${LINE%\"} ;;
      *AttachNotSupported* | *'open socket file'*) COMPLAINT='attach socket lost, or attach disabled: the JVM does not answer' ;;
      *'not permitted'* | *'ermission denied'*) COMPLAINT='jcmd was not permitted' ;;
    esac
  done
  exec 7<&-
  read_clock
  [ "$UP" -lt "$END" ] || COMPLAINT=${COMPLAINT:-'jcmd does not end'}
}

if [ "${1-}" = look ]; then
  read_daemons "$2"
  read_clock
  take() { printf '%s %s %s %s\n' "$1" "$3" "$2" $((UP - $2 / 100)); }
  scan
  echo end
  exit 0
fi
if [ "${1-}" = ask ]; then
  read_daemons "$HOME_DIR/daemons"
  read_users
  read -r WHOSE WHOSE_BORN _ <"$RUN/$2.status" && ask "$2" "$WHOSE" "$WHOSE_BORN"
  exit
fi
[ -d "$RUN" ] || mkdir -m 755 "$RUN" || exit 1
[ -O "$RUN" ] || exit 1
read_daemons "$HOME_DIR/daemons"
# Stopped on purpose, it takes the exporters with it, for nobody would stop them when their daemons go. (PartOf= in their
# unit would restart them with a watcher that was killed.)
trap 'for NAME in $NAMES; do [ -z "${EXPORTER[$NAME]-}" ] || stop_exporter "$NAME"; done; exit 0' TERM
exec 8<> <(:) # nothing ever comes from it: a clock without a fork
read_clock
scan
for NAME in $NAMES; do [ -n "${PID[$NAME]}" ] || stop_exporter "$NAME"; done
NEXT_LOOK=0
while :; do
  read_clock
  if [ "$UP" -ge "$NEXT_LOOK" ]; then
    NEXT_LOOK=$((UP + 3)) SURE=false
    scan
  fi
  PACE=3
  for NAME in $NAMES; do follow "$NAME"; done
  read -r -t "$PACE" -u 8 _
done
