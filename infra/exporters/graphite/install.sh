#!/bin/bash
# Installs graphite_exporter as a systemd service and has Spark's applications send it their metrics, upgrades it, or finds
# that there is nothing to do. Restarts nothing else: applications that run go on as they were started.
#
# Inputs:  UrlAmd64, UrlArm64 (https URLs of the release's tar.gz), Port, Tier (essential or full: which mapping), Applications
#          ("true": names of applications, on the master). Version, SHA-256 and both mappings are constants of this document.
# Output:  one line of JSON after PROMETHEUS_ON_EMR. Exit 0 done (installed, conflict, unsupported), 75 try again later,
#          anything else failed.
# Leaves:  /opt/prometheus-on-emr/graphite, a unit, a system user; where Spark is, a block in its metrics.properties.
#@prologue
PROGRAM=graphite_exporter
NEED_KB=102400 # archive, unpacked binary, and room for others
PORT=$SSM_Port TIER=$SSM_Tier OPTIONS="$SSM_Port $SSM_Tier"
REASON=''
MARKER=/emr/instance-controller/lib/info/job-flow-state.txt

file() { printf %s "$FILES" | base64 -d | tar -xzOf - "$1"; }

# take_files: SERVICE, HARDENING, WATCH and MAPPING, of FILES for PORT and TIER.
take_files() {
  SERVICE=$(file "$UNIT.service") WATCH=$(file watch.sh) MAPPING=$(file "mapping.$TIER.yml") HARDENING=''
  SERVICE=${SERVICE//@PORT@/$PORT}
  [ "$SYSTEMD" -lt 239 ] || HARDENING=$(file hardening.conf)
}

# Somebody else on a port, if it is another graphite_exporter: it has another mapping. A conflict, nothing is touched.
check_ports() {
  local NUMBER
  for NUMBER in "$PORT" "$LOCAL"; do
    look_at "$NUMBER" "$(main_pid)"
    [ "$TAKEN" = false ] || report conflict 0 "port ${NUMBER#*:} is taken by another process"
  done
}

is_done() {
  is_there && worked_with FILES OPTIONS && is_unit "$UNIT" "$SERVICE" "$HARDENING" && holds "$HOME_DIR/watch.sh" "$WATCH" &&
    holds "$HOME_DIR/mapping.yml" "$MAPPING" && healthy "$VERSION" "$PORT" "$LOCAL"
}

# An exporter that cannot read its mapping ends, and would be started again and again.
check_mapping() {
  printf '%s\n' "$MAPPING" >"$DRAFT/mapping.yml"
  "$HOME_DIR/$VERSION/graphite_exporter" --check-config --graphite.mapping-config="$DRAFT/mapping.yml" >&2 ||
    fail "graphite_exporter $VERSION refuses the mapping"
}

# activate VERSION: with SERVICE, HARDENING, WATCH and MAPPING.
activate() {
  put_unit "$UNIT" "$SERVICE" "$HARDENING"
  replace_file "$HOME_DIR/watch.sh" "$WATCH"
  replace_file "$HOME_DIR/mapping.yml" "$MAPPING"
  start "$1"
}

fall_back() {
  local FORMER="graphite_exporter $VERSION does not answer on port $PORT"
  journalctl "_SYSTEMD_UNIT=$UNIT.service" --lines 2 --output cat --no-pager >&2 || true
  if [ -z "$GOOD" ]; then
    spark_remove || fail "$FORMER, and $BLOCK_WHY"
    remove_unit
    fail "$FORMER; it was taken away again"
  fi
  FILES=$GOOD_FILES
  PORT=${GOOD_OPTIONS% *} TIER=${GOOD_OPTIONS#* }
  take_files
  activate "$GOOD"
  healthy "$GOOD" "$PORT" "$LOCAL" || {
    spark_remove || FORMER+=", $BLOCK_WHY"
    fail "$FORMER, and the former $GOOD does not either"
  }
  fail "$FORMER; $GOOD runs again on port $PORT"
}

# EMR writes Spark's files while the node is provisioned, and says when that is done.
look_again_soon() {
  local UP TEXT
  clock
  if [ "$UP" -ge 3600 ]; then return; fi
  if [ -r "$MARKER" ]; then
    TEXT=$(tr -s ' \n\t"' ' ' <"$MARKER")
    TEXT=${TEXT#*localInstance} TEXT=${TEXT#*nodeProvisionCheckinRecord} TEXT=${TEXT#*status}
    [[ $TEXT =~ ^[\ :]*SUCCESSFUL ]] && [ -z "$(find "$MARKER" -mmin -3)" ] || AGAIN=60
  elif [ "$UP" -lt 900 ]; then
    AGAIN=60
  fi
}

eval "$(file guarded-block.sh)"
eval "$(file spark.sh)"
eval "$(file applications.sh)"
LOCAL=127.0.0.1:$INGEST
[ "$PORT" -le 65535 ] || fail 'parameter Port is not valid: expected at most 65535'
[ "$PORT" != "$INGEST" ] || fail "parameter Port is not valid: applications send to $INGEST"
lock
requirements
take_files
case $TIER in essential) REGEX=$REGEX_ESSENTIAL ;; full) REGEX=$REGEX_FULL ;; esac
check_ports
spark_look
if ! is_done; then
  CHANGED=true
  own
  recall FILES OPTIONS
  make_room
  add_user
  fetch
  check_mapping
  activate "$VERSION"
  healthy "$VERSION" "$PORT" "$LOCAL" || fall_back
  remember FILES OPTIONS
fi
spark_apply
applications_apply
REASON+=${REASON:+${APPLICATIONS_REASON:+; }}$APPLICATIONS_REASON
look_again_soon
ENDPOINTS="[{\"port\":$PORT,\"labels\":{}}]"
report installed 0 "$REASON"
