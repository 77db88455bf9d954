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
NEED_KB=102400 # archive, unpacked binary, and room for others
PORT=$SSM_Port TIER=$SSM_Tier
REASON=''
MARKER=/emr/instance-controller/lib/info/job-flow-state.txt

file() { printf %s "$FILES" | base64 -d | tar -xzOf - "$1"; }

# take_files: SERVICE, HARDENING, WATCH and MAPPING, of FILES for PORT and TIER.
take_files() {
  SERVICE=$(file "$UNIT.service") WATCH=$(file watch.sh) MAPPING=$(file "mapping.$TIER.yml") HARDENING=''
  SERVICE=${SERVICE//@PORT@/$PORT}
  [ "$SYSTEMD" -lt 239 ] || HARDENING=$(file hardening.conf)
}

# healthy VERSION PORT: our own process of that version answers and takes lines, or does not within 20 s.
healthy() {
  local UP BEGAN
  clock
  BEGAN=$UP
  while [ $((UP - BEGAN)) -lt 20 ]; do
    if runs "$1" && listens "$2" && [[ $(build_info "$2") == *"version=\"$1\""* ]]; then return 0; fi
    systemctl is-active --quiet "$UNIT.service" || return 1
    sleep 0.2
    clock
  done
  return 1
}
clock() { read -r UP _ </proc/uptime && UP=${UP%%.*}; } # bash's SECONDS follows the wall clock
runs() { [ "/proc/$(main_pid)/exe" -ef "$HOME_DIR/$1/graphite_exporter" ]; }
listens() { # PORT
  local NUMBER
  for NUMBER in "$1" "$INGEST"; do
    look_at "$NUMBER" "$(main_pid)"
    [ "$OURS$TAKEN" = truefalse ] || return 1
  done
}
# Anybody may be answering: at most 5 s, 16 MB, and no pattern over more than a line.
build_info() {
  curl -q --silent --noproxy '*' --max-time 5 "http://127.0.0.1:$1/metrics" | head -c 16000000 |
    grep -am 1 '^graphite_exporter_build_info{' || true
}

requirements() {
  case $(uname -m) in
    x86_64) ARCH=amd64 URL=${SSM_UrlAmd64-} SHA256=$SHA256_AMD64 ;;
    aarch64) ARCH=arm64 URL=${SSM_UrlArm64-} SHA256=$SHA256_ARM64 ;;
    *) report unsupported 0 "no graphite_exporter for the architecture $(uname -m)" ;;
  esac
  [ -n "$SHA256" ] || report unsupported 0 "no artifact is locked for $ARCH"
  need_systemd
}

# Somebody else on a port, if it is another graphite_exporter: it has another mapping. A conflict, nothing is touched.
check_ports() {
  local NUMBER
  for NUMBER in "$PORT" "$INGEST"; do
    look_at "$NUMBER" "$(main_pid)"
    [ "$TAKEN" = false ] || report conflict 0 "port $NUMBER is taken by another process"
  done
}

is_done() {
  [ "$(readlink "$HOME_DIR/current")" = "$VERSION" ] && holds "$HOME_DIR/$VERSION/archive.sha256" "$SHA256" &&
    holds "$HOME_DIR/$VERSION/worked/files" "$FILES" && holds "$HOME_DIR/$VERSION/worked/options" "$PORT $TIER" &&
    is_unit "$UNIT" "$SERVICE" "$HARDENING" && holds "$HOME_DIR/watch.sh" "$WATCH" &&
    holds "$HOME_DIR/mapping.yml" "$MAPPING" &&
    systemctl is-enabled --quiet "$UNIT.service" && runs "$VERSION" && healthy "$VERSION" "$PORT"
}

unpack() {
  mkdir "$DRAFT/new"
  tar -xzf "$DRAFT/archive" -C "$DRAFT/new" --strip-components=1 --no-same-owner || fail "cannot unpack: is $BASE full?"
  chmod 755 "$DRAFT/new" "$DRAFT/new/graphite_exporter"
  [[ $("$DRAFT/new/graphite_exporter" --version 2>&1) == *"version $VERSION"* ]] ||
    fail "graphite_exporter $VERSION $ARCH does not run here"
  printf '%s\n' "$SHA256" >"$DRAFT/new/archive.sha256"
  rm -rf "${HOME_DIR:?}/$VERSION"
  mv -T "$DRAFT/new" "$HOME_DIR/$VERSION"
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
  point_to "$1"
  label
  systemctl daemon-reload
  systemctl enable "$UNIT.service"
  systemctl restart "$UNIT.service"
}

# What ran well last: kept beside its binary, so that it outlives a run that is killed half-way.
remember() {
  rm -rf "$HOME_DIR/$VERSION/worked"
  mkdir "$DRAFT/worked"
  printf '%s\n' "$FILES" >"$DRAFT/worked/files"
  printf '%s\n' "$PORT $TIER" >"$DRAFT/worked/options"
  mv -T "$DRAFT/worked" "$HOME_DIR/$VERSION/worked"
  for OLD in "$HOME_DIR"/[0-9]*; do [ "$OLD" = "$HOME_DIR/$VERSION" ] || rm -rf "$OLD"; done
}
recall() {
  local DIR
  GOOD=''
  for DIR in "$HOME_DIR/current/worked" "$HOME_DIR"/[0-9]*/worked; do
    [ -d "$DIR" ] || continue
    GOOD=$(readlink -f "$DIR/..") GOOD=${GOOD##*/} GOOD_FILES=$(<"$DIR/files") GOOD_OPTIONS=$(<"$DIR/options")
    return 0
  done
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
  read -r PORT TIER < <(printf '%s\n' "$GOOD_OPTIONS")
  take_files
  activate "$GOOD"
  healthy "$GOOD" "$PORT" || fail "$FORMER, and the former $GOOD does not either"
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
  recall
  make_room
  add_user
  if ! holds "$HOME_DIR/$VERSION/archive.sha256" "$SHA256"; then
    download "$URL" "$SHA256" "graphite_exporter $VERSION $ARCH"
    unpack
  fi
  check_mapping
  activate "$VERSION"
  healthy "$VERSION" "$PORT" || fall_back
  remember
fi
spark_apply || fail "$BLOCK_WHY"
applications_apply
REASON+=${REASON:+${APPLICATIONS_REASON:+; }}$APPLICATIONS_REASON
look_again_soon
ENDPOINTS="[{\"port\":$PORT,\"labels\":{}}]"
report installed 0 "$REASON"
