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
TEXTFILES=$HOME_DIR/textfile
NEED_KB=102400 # archive, unpacked binary, and room for others
PORT=$SSM_Port

# The sample that names the version. Anybody may be answering: at most 5 s, 4 MB, and no pattern over more than a line.
build_info() {
  curl -q --silent --noproxy '*' --max-time 5 "http://127.0.0.1:$1/metrics" | head -c 4000000 |
    grep -am 1 '^node_exporter_build_info{' || true
}
runs() { [ "/proc/$(main_pid)/exe" -ef "$HOME_DIR/$1/node_exporter" ]; }

# healthy VERSION PORT: our own process of that version answers, or does not within 20 s. Somebody else may have taken
# the port since it was looked at, and ours takes a moment to find out.
healthy() {
  local END=$((SECONDS + 20))
  while [ "$SECONDS" -lt "$END" ]; do
    look_at "$2" "$(main_pid)"
    if [ "$OURS" = true ] && runs "$1" && [[ $(build_info "$2") == *"version=\"$1\""* ]]; then return 0; fi
    systemctl is-active --quiet "$UNIT.service" || return 1
    sleep 0.2
  done
  return 1
}

requirements() {
  case $(uname -m) in
    x86_64) ARCH=amd64 URL=${SSM_UrlAmd64-} SHA256=$SHA256_AMD64 ;;
    aarch64) ARCH=arm64 URL=${SSM_UrlArm64-} SHA256=$SHA256_ARM64 ;;
    *) report unsupported 0 "no node_exporter for the architecture $(uname -m)" ;;
  esac
  [ -n "$SHA256" ] || report unsupported 0 "no artifact is locked for $ARCH"
  need_systemd
  [ "$SYSTEMD" -ge 239 ] || HARDENING=''
}

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
  [ "$(readlink "$HOME_DIR/current")" = "$VERSION" ] && holds "$HOME_DIR/$VERSION/archive.sha256" "$SHA256" &&
    holds "$HOME_DIR/$VERSION/worked/unit" "$SERVICE" && is_unit "$UNIT" "$SERVICE" "$HARDENING" &&
    [ -d "$TEXTFILES" ] && systemctl is-enabled --quiet "$UNIT.service" && runs "$VERSION" && healthy "$VERSION" "$PORT"
}

unpack() {
  mkdir "$DRAFT/new"
  tar -xzf "$DRAFT/archive" -C "$DRAFT/new" --strip-components=1 --no-same-owner || fail "cannot unpack: is $BASE full?"
  chmod 755 "$DRAFT/new" "$DRAFT/new/node_exporter"
  [[ $("$DRAFT/new/node_exporter" --version 2>&1) == *"version $VERSION"* ]] || fail "node_exporter $VERSION $ARCH does not run here"
  printf '%s\n' "$SHA256" >"$DRAFT/new/archive.sha256"
  rm -rf "${HOME_DIR:?}/$VERSION"
  mv -T "$DRAFT/new" "$HOME_DIR/$VERSION"
}

# activate VERSION SERVICE HARDENING
activate() {
  put_unit "$UNIT" "$2" "$3"
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
  printf '%s\n' "$SERVICE" >"$DRAFT/worked/unit"
  printf '%s\n' "$HARDENING" >"$DRAFT/worked/hardening"
  printf '%s\n' "$PORT" >"$DRAFT/worked/port"
  mv -T "$DRAFT/worked" "$HOME_DIR/$VERSION/worked"
  for OLD in "$HOME_DIR"/[0-9]*; do [ "$OLD" = "$HOME_DIR/$VERSION" ] || rm -rf "$OLD"; done
}
recall() {
  local DIR
  GOOD=''
  for DIR in "$HOME_DIR/current/worked" "$HOME_DIR"/[0-9]*/worked; do
    [ -d "$DIR" ] || continue
    GOOD=$(readlink -f "$DIR/..") GOOD=${GOOD##*/}
    GOOD_SERVICE=$(<"$DIR/unit") GOOD_HARDENING=$(<"$DIR/hardening") GOOD_PORT=$(<"$DIR/port")
    return 0
  done
}

fall_back() {
  journalctl "_SYSTEMD_UNIT=$UNIT.service" --lines 2 --output cat --no-pager >&2 || true
  if [ -z "$GOOD" ]; then
    remove_unit
    fail "node_exporter $VERSION does not answer on port $PORT; it was taken away again"
  fi
  activate "$GOOD" "$GOOD_SERVICE" "$GOOD_HARDENING"
  healthy "$GOOD" "$GOOD_PORT" || fail "neither node_exporter $VERSION nor the former $GOOD answers"
  fail "node_exporter $VERSION does not answer on port $PORT; $GOOD runs again on port $GOOD_PORT"
}

[ "$PORT" -le 65535 ] || fail 'parameter Port is not valid: expected at most 65535'
SERVICE=${SERVICE//@PORT@/$PORT}
lock
requirements
check_port
if is_done; then installed; fi
CHANGED=true
own
recall
make_room
add_user
if ! holds "$HOME_DIR/$VERSION/archive.sha256" "$SHA256"; then
  download "$URL" "$SHA256" "node_exporter $VERSION $ARCH"
  unpack
fi
mkdir -p "$TEXTFILES"
activate "$VERSION" "$SERVICE" "$HARDENING"
healthy "$VERSION" "$PORT" || fall_back
remember
installed
