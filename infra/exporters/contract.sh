# The contract of every document: one line of stdout, at most 400 characters of stderr (SSM cuts both together at
# 2,500), one run at a time, exit 0 done, 75 try again later, anything else failed. No here-documents (bash puts them
# into /tmp, which may be full), no double dollar (the SSM agent halves it), upper-case variables (osls reads others).
set -euo pipefail
umask 077 # what is in /run is root's alone: who can open a file for reading can hold its lock for ever
export LC_ALL=C
BASE=/opt/prometheus-on-emr UNIT=prometheus-on-emr-$EXPORTER
CHANGED=false ENDPOINTS='[]' ADOPTED='' DRAFT='' LOCKED=false

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
  printf 'PROMETHEUS_ON_EMR {"exporter":"%s","outcome":"%s","version":"%s","changed":%s,"endpoints":%s%s%s}\n' \
    "$EXPORTER" "$1" "$VERSION" "$CHANGED" "$ENDPOINTS" "$ADOPTED" "${REASON:+,\"reason\":\"$REASON\"}" >&3
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

main_pid() { systemctl show -p MainPID "$UNIT.service" | cut -d= -f2; } # --value came with systemd 230

# look_at PORT: do we listen there (OURS), does somebody else (TAKEN), where others reach it (REACHABLE)? Read from
# /proc/net, for not every image has ss.
look_at() {
  local HEX SOCKETS ADDRESS INODE
  OURS=false TAKEN=false REACHABLE=false
  HEX=$(printf %04X "$1")
  SOCKETS=$(readlink "/proc/$(main_pid)/fd/"* || true)
  while read -r _ ADDRESS _ _ _ _ _ _ _ INODE _; do
    case $SOCKETS in *"socket:[$INODE]"*) OURS=true && continue ;; esac
    TAKEN=true
    case $ADDRESS in
      ??????7F:* | 0000000000000000FFFF0000??????7F:* | 00000000000000000000000001000000:*) ;; # least byte first
      *) REACHABLE=true ;;
    esac
  done < <(grep -hE "^ *[0-9]+: [0-9A-F]+:$HEX [0-9A-F]+:0000 0A " /proc/net/tcp /proc/net/tcp6)
}

remove_unit() {
  systemctl stop "$UNIT.service" || true
  systemctl disable "$UNIT.service" || true
  rm -rf "/etc/systemd/system/$UNIT.service" "/etc/systemd/system/$UNIT.service.new" "/etc/systemd/system/$UNIT.service.d"
  systemctl daemon-reload
  systemctl reset-failed "$UNIT.service" || true
}
