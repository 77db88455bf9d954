# The watcher's exporters: functions, no code of their own. Each is started by the watcher alone, and stopped when its daemon
# is gone.
declare -A URL=() JAVA=() EXPORTER=() SINCE=() FALLS=() RETRY=() RUNS=()
OWNER=prometheus-on-emr-jmx COUNT='' COUNT_FOR='' COUNT_DUE=0

unit_of() { printf 'prometheus-on-emr-jmx@%s.service' "$1"; }

stop_exporter() {
  systemctl stop --no-block "$(unit_of "$1")"
  rm -f "$RUN/$1.yml" "$RUN/$1.env"
  EXPORTER[$1]='' RUNS[$1]=''
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
