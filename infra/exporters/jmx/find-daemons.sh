# Which Hadoop daemons run on this node: functions, no code of their own. For the watcher, for the unit that asks a daemon,
# and for the install document, which has `look` only. For bash 4.2. No wall clock: it jumps.
set -uf
umask 077
export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin
HOME_DIR=/opt/prometheus-on-emr/jmx RUN=/run/prometheus-on-emr-jmx
declare -A PROCESS=() USER_OF=() PORT=() UIDS=()
declare -A PID=()            # the daemon in hand
declare -A READ=() UNREAD=() # of processes that were looked at, of users
NAMES='' NEXT_READ=0 SCAN=true NEXT_SCAN=0 RECENT='' SURE=true

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

# look FILE: says which daemons of FILE run: name, pid, start and age of each; nothing is touched.
look() {
  read_daemons "$1"
  read_clock
  take() { printf '%s %s %s %s\n' "$1" "$3" "$2" $((UP - $2 / 100)); }
  scan
  echo end
}
