# An exporter that is one program, PROGRAM, in a release's tar.gz for each architecture, with one service.

# ARCH, URL and SHA256 of this machine's.
requirements() {
  case $(uname -m) in
    x86_64) ARCH=amd64 URL=${SSM_UrlAmd64-} SHA256=$SHA256_AMD64 ;;
    aarch64) ARCH=arm64 URL=${SSM_UrlArm64-} SHA256=$SHA256_ARM64 ;;
    *) report unsupported 0 "no $PROGRAM for the architecture $(uname -m)" ;;
  esac
  [ -n "$SHA256" ] || report unsupported 0 "no artifact is locked for $ARCH"
  need_systemd
}

# build_info PORT: the sample that names the version. Anybody may be answering: at most 5 s, 16 MB, and no pattern over more
# than a line.
build_info() {
  curl -q --silent --noproxy '*' --max-time 5 "http://127.0.0.1:$1/metrics" | head -c 16000000 |
    grep -am 1 "^${PROGRAM}_build_info{" || true
}
runs() { [ "/proc/$(main_pid)/exe" -ef "$HOME_DIR/$1/$PROGRAM" ]; }
listens() { # [127.0.0.1:]PORT...
  local NUMBER
  for NUMBER; do
    look_at "$NUMBER" "$(main_pid)"
    [ "$OURS$TAKEN" = truefalse ] || return 1
  done
}

# healthy VERSION PORT [[127.0.0.1:]PORT...]: our own process of that version answers on the first of its ports, or does
# not within 20 s. Somebody else may have taken one since it was looked at, and ours takes a moment to find out.
healthy() {
  local UP BEGAN OF=$1
  shift
  clock
  BEGAN=$UP
  while [ $((UP - BEGAN)) -lt 20 ]; do
    if runs "$OF" && listens "$@" && [[ $(build_info "$1") == *"version=\"$OF\""* ]]; then return 0; fi
    systemctl is-active --quiet "$UNIT.service" || return 1
    sleep 0.2
    clock
  done
  return 1
}

is_there() {
  [ "$(readlink "$HOME_DIR/current")" = "$VERSION" ] && holds "$HOME_DIR/$VERSION/archive.sha256" "$SHA256" &&
    systemctl is-enabled --quiet "$UNIT.service" && runs "$VERSION"
}

# The program of VERSION, in its folder.
fetch() {
  if holds "$HOME_DIR/$VERSION/archive.sha256" "$SHA256"; then return; fi
  download "$URL" "$SHA256" "$PROGRAM $VERSION $ARCH"
  mkdir "$DRAFT/new"
  tar -xzf "$DRAFT/archive" -C "$DRAFT/new" --strip-components=1 --no-same-owner || fail "cannot unpack: is $BASE full?"
  chmod 755 "$DRAFT/new" "$DRAFT/new/$PROGRAM"
  [[ $("$DRAFT/new/$PROGRAM" --version 2>&1) == *"version $VERSION"* ]] || fail "$PROGRAM $VERSION $ARCH does not run here"
  printf '%s\n' "$SHA256" >"$DRAFT/new/archive.sha256"
  rm -rf "${HOME_DIR:?}/$VERSION"
  mv -T "$DRAFT/new" "$HOME_DIR/$VERSION"
}

# start VERSION: with what is in place.
start() {
  point_to "$1"
  label
  systemctl daemon-reload
  systemctl enable "$UNIT.service"
  systemctl restart "$UNIT.service"
}

# remember NAME...: with which values of these VERSION runs well. Kept beside its program, so that it outlives a run that is
# killed half-way.
remember() {
  local NAME OLD
  rm -rf "$HOME_DIR/$VERSION/worked"
  mkdir "$DRAFT/worked"
  for NAME; do printf '%s\n' "${!NAME}" >"$DRAFT/worked/$NAME"; done
  mv -T "$DRAFT/worked" "$HOME_DIR/$VERSION/worked"
  for OLD in "$HOME_DIR"/[0-9]*; do [ "$OLD" = "$HOME_DIR/$VERSION" ] || rm -rf "$OLD"; done
}
worked_with() { # NAME...
  local NAME
  for NAME; do holds "$HOME_DIR/$VERSION/worked/$NAME" "${!NAME}" || return 1; done
}

# recall NAME...: GOOD, the version that ran well last, if any; and GOOD_NAME, its value of each.
recall() {
  local DIR NAME
  GOOD=''
  for DIR in "$HOME_DIR/current/worked" "$HOME_DIR"/[0-9]*/worked; do
    [ -f "$DIR/$1" ] || continue
    GOOD=$(readlink -f "$DIR/..") GOOD=${GOOD##*/}
    for NAME; do printf -v "GOOD_$NAME" %s "$(<"$DIR/$NAME")"; done
    return 0
  done
}
