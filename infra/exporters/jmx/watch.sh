#!/bin/bash
# Follows the Hadoop daemons of this node and runs an exporter for each, over the local connector of its JVM. Started by
# prometheus-on-emr-jmx.service, which starts it again whenever it ends; all it must remember is in RUN.
#
# What a daemon notices of us: one attach as its own user, by its own jcmd, and the scrapes. No fork while nothing changes.
. /opt/prometheus-on-emr/jmx/files/find-daemons.sh || exit 1
. /opt/prometheus-on-emr/jmx/files/exporters.sh || exit 1
AGE=10 # seconds before a JVM is attached to: SIGQUIT kills one that has not set its handler yet
declare -A BORN_AT=() STATE=() TRIES=() DUE=() REASON=() SAID=() # the daemon in hand
declare -A ASKING=()                                             # until when its answer is waited for
NEXT_ASK=0

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
