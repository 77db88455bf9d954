#!/bin/bash
# Installs node_exporter as a systemd service, upgrades it, or finds that there is nothing to do.
#
# Inputs:  UrlAmd64, UrlArm64 (https URLs of the release's tar.gz), Port, Adopt ("true": somebody else's node_exporter
#          on the port becomes the endpoint). Version and SHA-256 are constants of this document.
# Output:  one line of JSON after PROMETHEUS_ON_EMR. Exit 0 done (installed, conflict, unsupported), 75 try again later,
#          anything else failed.
# Leaves:  /opt/prometheus-on-emr/node/{<version>,current,textfile}, a unit, a system user. Drop *.prom files into
#          textfile to have them scraped.
#@prologue
PROGRAM=node_exporter
TEXTFILES=$HOME_DIR/textfile
NEED_KB=102400 # archive, unpacked binary, and room for others
PORT=$SSM_Port

# Somebody else on the port: a conflict, nothing is touched.
check_port() {
  look_at "$PORT" "$(main_pid)"
  [ "$TAKEN" = true ] || return 0
  [ -n "$(build_info "$PORT")" ] ||
    report conflict 0 "port $PORT is taken by something that is not node_exporter"
  [ "$SSM_Adopt" = true ] || report conflict 0 "port $PORT is taken by another node_exporter and adopt is off"
  [ "$REACHABLE" = true ] || report conflict 0 "the other node_exporter on port $PORT listens on loopback only"
  ADOPTED=',"adopted":true'
  installed
}

installed() {
  ENDPOINTS="[{\"port\":$PORT,\"labels\":{}}]"
  report installed 0
}

is_done() {
  is_there && worked_with SERVICE && is_unit "$UNIT" "$SERVICE" "$HARDENING" && [ -d "$TEXTFILES" ] &&
    healthy "$VERSION" "$PORT"
}

fall_back() {
  journalctl "_SYSTEMD_UNIT=$UNIT.service" --lines 2 --output cat --no-pager >&2 || true
  if [ -z "$GOOD" ]; then
    remove_unit
    fail "node_exporter $VERSION does not answer on port $PORT; it was taken away again"
  fi
  put_unit "$UNIT" "$GOOD_SERVICE" "$GOOD_HARDENING"
  start "$GOOD"
  healthy "$GOOD" "$GOOD_PORT" || fail "neither node_exporter $VERSION nor the former $GOOD answers"
  fail "node_exporter $VERSION does not answer on port $PORT; $GOOD runs again on port $GOOD_PORT"
}

[ "$PORT" -le 65535 ] || fail 'parameter Port is not valid: expected at most 65535'
SERVICE=${SERVICE//@PORT@/$PORT}
lock
requirements
[ "$SYSTEMD" -ge 239 ] || HARDENING=''
check_port
if is_done; then installed; fi
CHANGED=true
own
recall SERVICE HARDENING PORT
make_room
add_user
fetch
mkdir -p "$TEXTFILES"
put_unit "$UNIT" "$SERVICE" "$HARDENING"
start "$VERSION"
healthy "$VERSION" "$PORT" || fall_back
remember SERVICE HARDENING PORT
installed
