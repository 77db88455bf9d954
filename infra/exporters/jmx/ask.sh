#!/bin/bash
# ask.sh NAME: asks the JVM of the daemon NAME, as the watcher knows it (RUN/NAME.status), for the address of its local
# connector, once. Run by prometheus-on-emr-jmx-ask@NAME.service, with which all ends that has come of it.
. /opt/prometheus-on-emr/jmx/files/find-daemons.sh || exit 1

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

read_daemons "$HOME_DIR/daemons"
read_users
read -r WHOSE WHOSE_BORN _ <"$RUN/$1.status" && ask "$1" "$WHOSE" "$WHOSE_BORN"
