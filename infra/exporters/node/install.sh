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
HOME_DIR=$BASE/node
TEXTFILES=$HOME_DIR/textfile
OWNER=$UNIT
UNIT_FILE=/etc/systemd/system/$UNIT.service
DROP_IN=$UNIT_FILE.d/hardening.conf
NEED_KB=102400 # archive, unpacked binary, and room for others
PORT=$SSM_Port

# The sample that names the version. Anybody may be answering: at most 5 s, 4 MB, and no pattern over more than a line.
build_info() {
  curl -q --silent --noproxy '*' --max-time 5 "http://127.0.0.1:$1/metrics" | head -c 4000000 |
    grep -am 1 '^node_exporter_build_info{' || true
}
holds() { [ -f "$1" ] && [ "$(<"$1")" = "$2" ]; }
runs() { [ "/proc/$(main_pid)/exe" -ef "$HOME_DIR/$1/node_exporter" ]; }

# healthy VERSION PORT: our own process of that version answers, or does not within 20 s. Somebody else may have taken
# the port since it was looked at, and ours takes a moment to find out.
healthy() {
  local END=$((SECONDS + 20))
  while [ "$SECONDS" -lt "$END" ]; do
    look_at "$2"
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
  [ -d /run/systemd/system ] || report unsupported 0 'systemd is not running'
  read -r _ SYSTEMD _ < <(systemctl --version)
  SYSTEMD=${SYSTEMD%%[!0-9]*}
  [ "$SYSTEMD" -ge 219 ] || report unsupported 0 "systemd $SYSTEMD is older than 219"
  [ "$SYSTEMD" -ge 239 ] || HARDENING=''
}

# Somebody else on the port: a conflict, nothing is touched.
check_port() {
  look_at "$PORT"
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
    holds "$HOME_DIR/$VERSION/worked/unit" "$SERVICE" && holds "$UNIT_FILE" "$SERVICE" && right_drop_in &&
    [ -d "$TEXTFILES" ] && systemctl is-enabled --quiet "$UNIT.service" && runs "$VERSION" && healthy "$VERSION" "$PORT"
}
right_drop_in() { if [ -z "$HARDENING" ]; then [ ! -e "$DROP_IN" ]; else holds "$DROP_IN" "$HARDENING"; fi; }

make_room() {
  local FREE
  DRAFT=$HOME_DIR/draft
  rm -rf "$DRAFT"
  read -r _ _ _ FREE _ < <(df -Pk "$HOME_DIR" | tail -n 1)
  [ "$FREE" -ge "$NEED_KB" ] || fail "only $((FREE / 1024)) MB are free under $BASE and $((NEED_KB / 1024)) MB are wanted"
  mkdir "$DRAFT"
  printf '#!/bin/sh\n' >"$DRAFT/probe"
  chmod 755 "$DRAFT/probe"
  "$DRAFT/probe" || report unsupported 0 "programs cannot run under $BASE: is it mounted noexec?"
}

# The URL goes in by stdin: it is a secret for as long as it is valid, and arguments are seen by every user. The limit is
# the shell's: curl's own believes the server.
download() {
  local CODE RC=0
  CODE=$(trap '' XFSZ && ulimit -f $((NEED_KB / 2)) && printf 'url = "%s"\n' "$URL" |
    curl -q --config - --silent --show-error --proto =https --connect-timeout 10 \
      --max-time 240 --retry 2 --retry-delay 1 --retry-max-time 240 --output "$DRAFT/archive" --write-out '%{http_code}') || RC=$?
  case $RC/$CODE in
    0/200) ;;
    0/400 | 0/403 | 0/408 | 0/429 | 0/5??) later "the download answered $CODE: an expired URL answers 400 or 403" ;;
    0/*) fail "the download answered $CODE" ;;
    23/*) fail "the download cannot be written: is $BASE full, or is it over $((NEED_KB / 2048)) MB?" ;;
    35/* | 60/*) fail "the certificate of the download is not trusted: curl error $RC" ;;
    *) later "the download broke off: curl error $RC" ;;
  esac
  [ "$(sha256sum <"$DRAFT/archive")" = "$SHA256  -" ] || fail "wrong checksum: the download is not node_exporter $VERSION $ARCH"
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

replace_file() {
  printf '%s\n' "$2" >"$1.new"
  mv -f "$1.new" "$1"
}

# activate VERSION SERVICE HARDENING
activate() {
  replace_file "$UNIT_FILE" "$2"
  rm -rf "$UNIT_FILE.d"
  if [ -n "$3" ]; then
    mkdir "$UNIT_FILE.d"
    replace_file "$DROP_IN" "$3"
  fi
  ln -sfn "$1" "$HOME_DIR/current.new"
  mv -T "$HOME_DIR/current.new" "$HOME_DIR/current"
  ! command -v restorecon || restorecon -RF "$HOME_DIR" "$UNIT_FILE" "$UNIT_FILE.d" || true
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
id -u "$OWNER" || useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /sbin/nologin "$OWNER" ||
  later 'the system user cannot be added now'
if ! holds "$HOME_DIR/$VERSION/archive.sha256" "$SHA256"; then
  download
  unpack
fi
mkdir -p "$TEXTFILES"
activate "$VERSION" "$SERVICE" "$HARDENING"
healthy "$VERSION" "$PORT" || fall_back
remember
installed
