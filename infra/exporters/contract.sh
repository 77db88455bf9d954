# The contract of every document: one line of stdout, at most 400 characters of stderr (SSM cuts both together at
# 2,500), one run at a time, exit 0 done, 75 try again later, anything else failed. No here-documents (bash puts them
# into /tmp, which may be full), no double dollar (the SSM agent halves it), upper-case variables (osls reads others).
set -euo pipefail
umask 077 # what is in /run is root's alone: who can open a file for reading can hold its lock for ever
export LC_ALL=C
BASE=/opt/prometheus-on-emr UNIT=prometheus-on-emr-$EXPORTER
HOME_DIR=$BASE/$EXPORTER
CHANGED=false ENDPOINTS='[]' ADOPTED='' AGAIN='' DRAFT='' LOCKED=false

# 3 and 4 are the real stdout and stderr. What the tools say goes to a file without a name; a failure shows its end.
exec 3>&1 4>&2 >/dev/null
SAID=/run/prometheus-on-emr-$EXPORTER.said
exec 2<>"$SAID"
rm -f "$SAID"

# report OUTCOME EXIT [REASON]: says the one line and ends.
report() {
  trap - EXIT HUP INT TERM
  local REASON
  REASON=$(printf %s "${3-}" | tr -cs 'A-Za-z0-9 .,:;()=/_+@-' ' ' | head -c 300)
  [ -z "$DRAFT" ] || rm -rf "$DRAFT"
  [ "$LOCKED" = false ] || rmdir "$BASE/$EXPORTER" "$BASE" 2>/dev/null || true
  printf 'PROMETHEUS_ON_EMR {"exporter":"%s","outcome":"%s","version":"%s","changed":%s,"endpoints":%s%s%s%s}\n' \
    "$EXPORTER" "$1" "$VERSION" "$CHANGED" "$ENDPOINTS" "$ADOPTED" "${AGAIN:+,\"again\":$AGAIN}" "${REASON:+,\"reason\":\"$REASON\"}" >&3
  [ "$2" = 0 ] || tail -c 400 /proc/self/fd/2 >&4
  exit "$2"
}
fail() { report failed 1 "$1"; }
later() { report failed 75 "$1"; }
trap 'report failed 1 "stopped at: $BASH_COMMAND"' EXIT
trap 'later "interrupted"' HUP INT TERM

# valid NAME VALUE PATTERN LENGTH: once more here, for an old agent pastes values as text. Says the name, not the value.
valid() { [[ ${#2} -le $4 && $2 =~ $3 ]] || fail "parameter $1 is not valid: expected $3, at most $4 characters"; }

# An uninstall removes the lock's file, so the file that was locked must still be the one of that name.
lock() {
  LOCK=/run/prometheus-on-emr-$EXPORTER.lock
  exec 9>"$LOCK"
  flock -n 9 && [ "$LOCK" -ef /proc/self/fd/9 ] || later 'another run is under way'
  LOCKED=true
  umask 022
}

# Root runs programs and takes units from here: who else may write here would become root.
own() {
  mkdir -p "$BASE/$EXPORTER"
  for DIR in "$BASE" "$BASE/$EXPORTER"; do
    [[ $(stat -Lc %u%A "$DIR") == 0drwx?-??-? ]] || fail "$DIR must belong to root, and nobody else may write there"
  done
  [ "$(id -u "$UNIT" || true)" != 0 ] || fail "the user $UNIT is root"
}

need_systemd() {
  [ -d /run/systemd/system ] || report unsupported 0 'systemd is not running'
  read -r _ SYSTEMD _ < <(systemctl --version)
  SYSTEMD=${SYSTEMD%%[!0-9]*}
  [ "$SYSTEMD" -ge 219 ] || report unsupported 0 "systemd $SYSTEMD is older than 219"
}

clock() { read -r UP _ </proc/uptime && UP=${UP%%.*}; } # bash's SECONDS follows the wall clock

holds() { [ -f "$1" ] && [ "$(<"$1")" = "$2" ]; }
is_unit() { # NAME UNIT HARDENING
  local FILE=/etc/systemd/system/$1.service
  holds "$FILE" "$2" && if [ -z "$3" ]; then [ ! -e "$FILE.d" ]; else holds "$FILE.d/hardening.conf" "$3"; fi
}

# main_pid [NAME]
main_pid() { systemctl show -p MainPID "${1-$UNIT}.service" | cut -d= -f2; } # --value came with systemd 230

# look_at [127.0.0.1:]PORT PID...: does one of these listen there (OURS), somebody else (TAKEN), where others reach it
# (REACHABLE)? With the address, others at another one, or beside ours, are in nobody's way: anybody may listen there.
# Read from /proc/net, for not every image has ss.
look_at() {
  local HEX ADDRESS INODE AT=$1 WHERE='[0-9A-F]+'
  OURS=false TAKEN=false REACHABLE=false
  HEX=$(printf %04X "${AT#*:}")
  [[ $AT != *:* ]] || WHERE='(0{32}|(0{16}FFFF0000)?(0100007F|0{8}))'
  shift
  set -- "${@/#//proc/}"
  set -- "${@/%//fd}"
  while read -r _ ADDRESS _ _ _ _ _ _ _ INODE _; do
    # The whole link: a file may be called like a socket.
    if [ -n "$(find "$@" -maxdepth 1 -lname "socket:\[$INODE\]" || true)" ]; then OURS=true && continue; fi
    TAKEN=true
    case $ADDRESS in
      ??????7F:* | 0000000000000000FFFF0000??????7F:* | 00000000000000000000000001000000:*) ;; # least byte first
      *) REACHABLE=true ;;
    esac
  done < <(grep -hE "^ *[0-9]+: $WHERE:$HEX [0-9A-F]+:0000 0A " /proc/net/tcp /proc/net/tcp6)
  [[ $AT != *:* || $OURS = false ]] || TAKEN=false
}

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

add_user() {
  id -u "$UNIT" || useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /sbin/nologin "$UNIT" ||
    later 'the system user cannot be added now'
}

# download URL SHA256 WHAT: to archive in the draft. The URL goes in by stdin: it is a secret for as long as it is valid,
# and arguments are seen by every user. The limit is the shell's: curl's own believes the server.
download() {
  local CODE RC=0
  CODE=$(trap '' XFSZ && ulimit -f $((NEED_KB / 2)) && printf 'url = "%s"\n' "$1" |
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
  [ "$(sha256sum <"$DRAFT/archive")" = "$2  -" ] || fail "wrong checksum: the download is not $3"
}

replace_file() {
  printf '%s\n' "$2" >"$1.new"
  mv -f "$1.new" "$1"
}

put_unit() { # NAME UNIT HARDENING
  local FILE=/etc/systemd/system/$1.service
  replace_file "$FILE" "$2"
  rm -rf "$FILE.d"
  if [ -n "$3" ]; then
    mkdir "$FILE.d"
    replace_file "$FILE.d/hardening.conf" "$3"
  fi
}
label() { ! command -v restorecon || restorecon -RF "$HOME_DIR" "/etc/systemd/system/$UNIT"* || true; }

point_to() { # VERSION
  ln -sfn "$1" "$HOME_DIR/current.new"
  mv -T "$HOME_DIR/current.new" "$HOME_DIR/current"
}

remove_unit() { # [NAME]: of a template (name@), with all its instances
  local NAME=${1-$UNIT} FILE=/etc/systemd/system/${1-$UNIT}.service
  systemctl stop "${NAME/%@/@*}.service" || true
  systemctl disable "$NAME.service" || true
  rm -rf "$FILE" "$FILE.new" "$FILE.d"
  systemctl daemon-reload
  systemctl reset-failed "${NAME/%@/@*}.service" || true
}

# notice PATH...: what is there to take away?
notice() {
  local TRACE
  for TRACE; do [ ! -e "$TRACE" ] || CHANGED=true; done
}

# removed [REASON]: takes away what every exporter has, folder and user, and reports.
removed() {
  rm -rf "$HOME_DIR"
  if id -u "$UNIT"; then
    CHANGED=true
    userdel "$UNIT" || later 'the system user cannot be removed now'
  fi
  rm -f "$LOCK"
  report removed 0 "${1-}"
}
