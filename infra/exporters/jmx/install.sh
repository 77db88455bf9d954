#!/bin/bash
# Watches the Hadoop daemons of this node with jmx_exporter, upgrades that, or finds that there is nothing to do. Restarts no
# daemon and can stop none.
#
# Inputs:  Mode (connector: an exporter beside each daemon; agent: inside them from their own next start on), Ports
#          (`namenode=17101,…`: a daemon that is not named is not watched), UrlStandalone and UrlAgent (https URLs of the
#          jars; the mode's is used). Version and SHA-256 are constants of this document, and so are the files that it lays
#          down: rules, watcher, units.
# Output:  one line of JSON after PROMETHEUS_ON_EMR, with an endpoint for each daemon whose metrics are answered. Exit 0
#          done (installed, pendingRestart, conflict, unsupported), 75 try again later, anything else failed.
# Leaves:  /opt/prometheus-on-emr/jmx, /run/prometheus-on-emr-jmx, a unit for the watcher and one for exporters, a system
#          user. In mode agent: the folder, and a block in Hadoop's env files.
#@prologue
STATE=/run/$UNIT
MARKER=/emr/instance-controller/lib/info/job-flow-state.txt
NEED_KB=102400 # the jar (15 MB at most, so far), and room for others
SETTLE=40      # seconds for daemons that just began, and for exporters to start
HANG=15        # seconds for a daemon that does not tell its exporter anything
FOUND=() YOUNGEST=1000000

unpack() { printf %s "$FILES" | base64 -d | tar -xz "$@"; }
unpack_file() { unpack -Of - "$1"; }

clock() { read -r UP _ </proc/uptime && UP=${UP%%.*}; } # bash's SECONDS follows the wall clock

# WATCHED: the lines of DAEMONS whose names are in Ports, each with its port.
read_ports() {
  local PAIR NAME PORT LINE SEEN=,
  WATCHED=''
  for PAIR in ${SSM_Ports//,/ }; do
    NAME=${PAIR%=*} PORT=${PAIR#*=} LINE=''
    while read -r LINE; do [ "${LINE%% *}" != "$NAME" ] || break; done < <(printf '%s\n' "$DAEMONS")
    [ -n "$LINE" ] || fail "parameter Ports is not valid: there is no daemon $NAME"
    [ "$PORT" -le 65535 ] || fail "parameter Ports is not valid: $NAME=$PORT, expected at most 65535"
    case $SEEN in *,"$NAME",* | *,"$PORT",*) fail "parameter Ports is not valid: $NAME=$PORT, the name or the port is there twice" ;; esac
    SEEN+="$NAME,$PORT,"
    WATCHED+="${WATCHED:+$'\n'}$LINE $PORT"
  done
}

requirements() {
  local TOOL
  need_systemd
  for TOOL in setpriv timeout base64 curl awk sort head stat chown touch; do # the watcher's too, which has a PATH of its own
    (PATH+=:/usr/sbin:/usr/bin:/sbin:/bin && command -v "$TOOL") || report unsupported 0 "there is no program $TOOL"
  done
}

port_of() { # NAME
  local LINE
  LINE=$(printf '%s\n' "$WATCHED" | grep "^$1 ")
  printf %s "${LINE##* }"
}

# The watcher's own eyes, without a watcher: FOUND has a line `name pid port` for each daemon that runs.
find_daemons() {
  local NAME='' PID BORN AGE
  while read -r NAME PID BORN AGE && [ "$NAME" != end ]; do
    FOUND+=("$NAME $PID $(port_of "$NAME")")
    [ "$AGE" -ge "$YOUNGEST" ] || YOUNGEST=$AGE
  done < <(timeout -k 2 60 bash -c "$(unpack_file find-daemons.sh)"$'\nlook "$1"' look <(printf '%s\n' "$WATCHED"))
  [ "$NAME" = end ] || later 'the processes cannot be looked at now'
}

# EMR's instance controller says when it is done. Where its file is not, or says it in words that are not known here, a
# daemon that runs and the node's age are what there is to go by.
provisioned() {
  local TEXT=''
  clock
  if [ -r "$MARKER" ]; then
    TEXT=$(tr -s ' \n\t"' ' ' <"$MARKER")
    TEXT=${TEXT#*localInstance} TEXT=${TEXT#*nodeProvisionCheckinRecord} TEXT=${TEXT#*status}
    [[ $TEXT =~ ^[\ :]*SUCCESSFUL ]] || [ "$UP" -ge 3600 ] || later 'the node is being provisioned'
  fi
  [ ${#FOUND[@]} != 0 ] || [ "$UP" -ge 900 ] || later 'no Hadoop daemon runs yet'
}

# A daemon that still carries our agent, from before the mode changed, is nobody else.
check_ports() {
  local LINE NAME PID PORT
  for LINE in ${FOUND[@]+"${FOUND[@]}"}; do
    read -r NAME PID PORT < <(printf '%s\n' "$LINE")
    look_at "$PORT" "$(main_pid "$UNIT@$NAME")" "$PID"
    [ "$TAKEN" = false ] || report conflict 0 "port $PORT, for $NAME, is taken by another process"
  done
}

# page_of PORT: at most 10 s (a hung daemon costs its exporter two timeouts) and 4 MB.
page_of() { curl -q --silent --noproxy '*' --max-time 10 "http://127.0.0.1:$1/metrics" | head -c 4000000 || true; }

# ask NAME PID PORT: is it answered (ANSWER): metrics | page (of an exporter without its daemon) | nothing. What the watcher
# says of it: WORD (on, waiting, refused) and WHY.
ask() {
  local PAGE WHOSE EXPORTER_PID PREFIX
  ANSWER=nothing
  { read -r WHOSE _ WORD _ _ EXPORTER_PID WHY <"$STATE/$1.status" && [ "$WHOSE" = "$2" ]; } 2>/dev/null ||
    WORD=waiting WHY='' EXPORTER_PID=0
  look_at "$3" "$EXPORTER_PID" "$2"
  [ "$OURS$TAKEN" = truefalse ] || return 0
  PAGE=$'\n'$(page_of "$3")
  [ "$PAGE" != $'\n' ] || WHY='its exporter does not answer in time'
  read -r _ _ _ PREFIX _ < <(printf '%s\n' "$WATCHED" | grep "^$1 ")
  case $PAGE in
    *$'\n'"$PREFIX"*) case $PAGE in *$'\njmx_scrape_error 0.0'*) ANSWER=metrics ;; *) ANSWER=page ;; esac ;;
    *$'\njmx_scrape_error '*) ANSWER=page ;;
  esac
}

# settle: asks until every daemon is answered, or cannot be. ENDPOINTS, SILENT (daemons without an exporter that answers
# though there should be one), ANSWERED (is there one that does?), PENDING (those that may come yet), REFUSED (why some never will).
settle() {
  local LINE NAME PID PORT BEGAN WORD WHY ANSWER OPEN HEARD=' '
  clock
  BEGAN=$UP
  while :; do
    ENDPOINTS='' SILENT='' ANSWERED=false PENDING='' REFUSED='' OPEN=false
    for LINE in ${FOUND[@]+"${FOUND[@]}"}; do
      read -r NAME PID PORT < <(printf '%s\n' "$LINE")
      [ -d "/proc/$PID" ] || continue
      ANSWER=metrics WORD=on
      [[ $HEARD == *" $NAME "* ]] || ask "$NAME" "$PID" "$PORT"
      [ "$ANSWER" = nothing ] || ANSWERED=true
      case $ANSWER/$WORD in
        metrics/*)
          HEARD+="$NAME "
          ENDPOINTS+="${ENDPOINTS:+,}{\"port\":$PORT,\"labels\":{\"daemon\":\"$NAME\"}}" ;;
        */refused) REFUSED+="${REFUSED:+; }$NAME: $WHY" ;;
        page/*) PENDING+="${PENDING:+; }$NAME: its exporter gets no metrics"
          [ $((UP - BEGAN)) -ge $HANG ] || OPEN=true ;;
        */on) SILENT+=" $NAME" PENDING+="${PENDING:+; }$NAME: ${WHY:-no exporter answers}"
          [ -n "$WHY" ] && [ $((UP - BEGAN)) -ge $HANG ] || OPEN=true ;;
        *) PENDING+="${PENDING:+; }$NAME: ${WHY:-not attached yet}"
          [ "$WHY" != '' ] && [ "$WHY" != found ] || OPEN=true ;;
      esac
    done
    ENDPOINTS="[$ENDPOINTS]"
    clock
    [ "$OPEN" = true ] && [ $((UP - BEGAN)) -lt $SETTLE ] || return 0
    sleep 0.5
  done
}

conclude() {
  local WHY="$PENDING${PENDING:+${REFUSED:+; }}$REFUSED"
  [ "$ENDPOINTS" != '[]' ] || [ -n "$PENDING" ] || [ -z "$REFUSED" ] || report unsupported 0 "$REFUSED"
  [ -z "$PENDING" ] || AGAIN=60
  report installed 0 "$WHY"
}

# Daemons that started a moment ago, or provisioning that ended a moment ago: others may follow. (That file is written
# again and again on some releases.)
look_again_soon() {
  clock
  if [ "$YOUNGEST" -lt 180 ] || fresh; then AGAIN=60; fi
}
fresh() { [ "$UP" -lt 3600 ] && [ -n "$(find "$MARKER" -mmin -3)" ]; }

right_jar() { [ -f "$HOME_DIR/$VERSION/$1" ] && [ "$(sha256sum <"$HOME_DIR/$VERSION/$1")" = "$2  -" ]; }
same_files() { printf %s "$FILES" | base64 -d | tar -dzf - -C "$HOME_DIR/files"; }
file() { printf %s "$(<"$HOME_DIR/files/$1")"; }
# What is older than 239 knows the limit under another name, for which what is newer has a line in the journal each time.
hardening() { if [ "$SYSTEMD" -lt 239 ]; then printf '[Service]\nMemoryLimit=192M'; else file "hardening-$1.conf"; fi; }

is_done() {
  [ "$(readlink "$HOME_DIR/current")" = "$VERSION" ] && right_jar standalone.jar "$SHA256_STANDALONE" && same_files &&
    holds "$HOME_DIR/$VERSION/worked/files" "$FILES" && holds "$HOME_DIR/$VERSION/worked/daemons" "$WATCHED" &&
    holds "$HOME_DIR/daemons" "$WATCHED" && [ -d "$HOME_DIR/rules" ] &&
    is_unit "$UNIT" "$(file "$UNIT.service")" "$(hardening watcher)" &&
    is_unit "$UNIT-ask@" "$(file "$UNIT-ask@.service")" "$(hardening watcher)" &&
    is_unit "$UNIT@" "$(file "$UNIT@.service")" "$(hardening exporter)" &&
    systemctl is-enabled --quiet "$UNIT.service" && systemctl is-active --quiet "$UNIT.service" && id -u "$UNIT"
}

fetch_jar() { # FILE URL SHA256
  right_jar "$1" "$3" && return 0
  [ -n "$2" ] || fail "there is no URL for $1"
  download "$2" "$3" "$1 of jmx_exporter $VERSION"
  chmod 644 "$DRAFT/archive"
  mkdir -p "$HOME_DIR/$VERSION"
  mv -f "$DRAFT/archive" "$HOME_DIR/$VERSION/$1"
}

put_files() {
  rm -rf "$DRAFT/files"
  mkdir "$DRAFT/files"
  unpack -f - -C "$DRAFT/files" --no-same-owner || fail "cannot unpack the files: is $BASE full?"
  rm -rf "$HOME_DIR/files"
  mv -T "$DRAFT/files" "$HOME_DIR/files"
  ln -sfn files/rules "$HOME_DIR/rules"
}

# activate VERSION: with FILES and WATCHED.
activate() {
  systemctl stop "$UNIT.service" || true # first: it starts exporters
  systemctl stop "$UNIT-ask@*.service" "$UNIT@*.service" || true
  put_files
  replace_file "$HOME_DIR/daemons" "$WATCHED"
  put_unit "$UNIT" "$(file "$UNIT.service")" "$(hardening watcher)"
  put_unit "$UNIT-ask@" "$(file "$UNIT-ask@.service")" "$(hardening watcher)"
  put_unit "$UNIT@" "$(file "$UNIT@.service")" "$(hardening exporter)"
  point_to "$1"
  label
  systemctl daemon-reload
  systemctl enable "$UNIT.service"
  systemctl start "$UNIT.service"
}

# What ran well last: kept beside its jar, so that it outlives a run that is killed half-way.
remember() {
  rm -rf "$HOME_DIR/$VERSION/worked" "$DRAFT/worked"
  mkdir "$DRAFT/worked"
  printf '%s\n' "$FILES" >"$DRAFT/worked/files"
  printf '%s\n' "$WATCHED" >"$DRAFT/worked/daemons"
  mv -T "$DRAFT/worked" "$HOME_DIR/$VERSION/worked"
  prune
}
prune() {
  local OLD
  for OLD in "$HOME_DIR"/[0-9]*; do
    [ "$OLD" = "$HOME_DIR/$VERSION" ] || agent_in_use "$OLD" || rm -rf "$OLD"
  done
}
recall() {
  local DIR
  GOOD=''
  for DIR in "$HOME_DIR/current/worked" "$HOME_DIR"/[0-9]*/worked; do
    [ -d "$DIR" ] || continue
    GOOD=$(readlink -f "$DIR/..") GOOD=${GOOD##*/} GOOD_FILES=$(<"$DIR/files") GOOD_WATCHED=$(<"$DIR/daemons")
    return 0
  done
}

# The watcher starts at once what is stopped, but what fell again and again after minutes only, unless it is new itself.
# Killed, it leaves the others' exporters running.
stop_silent() {
  local NAME FALLEN=false
  for NAME in $SILENT; do
    if [ "$(main_pid "$UNIT@$NAME")" = 0 ]; then FALLEN=true; else systemctl stop "$UNIT@$NAME.service"; fi
  done
  [ "$FALLEN" = false ] || systemctl kill -s KILL "$UNIT.service"
}

fall_back() {
  local FORMER
  journalctl "_SYSTEMD_UNIT=$UNIT@${SILENT##* }.service" --lines 2 --output cat --no-pager >&2 || true
  FORMER="jmx_exporter $VERSION does not answer for$SILENT"
  if [ -z "$GOOD" ]; then
    remove_units
    fail "$FORMER; it was taken away again"
  fi
  FILES=$GOOD_FILES WATCHED=$GOOD_WATCHED
  activate "$GOOD"
  settle
  [ -z "$SILENT" ] || [ "$ANSWERED" = true ] || fail "$FORMER, and the former $GOOD does not either"
  fail "$FORMER; $GOOD runs again"
}

remove_units() {
  remove_unit
  remove_unit "$UNIT-ask@"
  remove_unit "$UNIT@"
  rm -rf "$STATE"
}

connector() {
  check_ports
  agent_remove
  if is_done; then
    settle
    # Something of ours that is as it should be, and yet is silent: the watcher starts it anew, once.
    [ -z "$SILENT" ] || { stop_silent && CHANGED=true && settle; }
    conclude
  fi
  CHANGED=true
  own
  recall
  make_room
  add_user
  fetch_jar standalone.jar "${SSM_UrlStandalone-}" "$SHA256_STANDALONE"
  activate "$VERSION"
  settle
  # One that is silent while others answer is its daemon's doing, not this version's.
  [ -z "$SILENT" ] || [ "$ANSWERED" = true ] || fall_back
  remember
  conclude
}

agent() {
  if [ -e "/etc/systemd/system/$UNIT.service" ] || [ -e "$STATE" ]; then
    CHANGED=true
    remove_units
  fi
  if ! right_jar agent.jar "$SHA256_AGENT" || ! same_files; then
    CHANGED=true
    own
    make_room
    fetch_jar agent.jar "${SSM_UrlAgent-}" "$SHA256_AGENT"
    put_files
    label
  fi
  prune
  agent_apply
  agent_report
}

eval "$(unpack_file agent.sh)"
read_ports
lock
requirements
find_daemons
provisioned
look_again_soon
case $SSM_Mode in
  connector) connector ;;
  agent) agent ;;
esac
