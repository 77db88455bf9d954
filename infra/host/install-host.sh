#!/bin/sh
# Makes this machine the Prometheus host, or brings it up to date; a second run changes and restarts nothing.
#
#   install-host.sh --bucket NAME --region REGION --stage STAGE --account ID --name NAME
#     --artifacts FOLDER --secret ARN [--topic ARN] [--retention-days N] [--root-url URL]
#
#   --name            of the host, in its heartbeats in CloudWatch
#   --artifacts       the releases' files, by their names; releases.txt beside this script has their checksums
#   --secret          of Secrets Manager, with the password of Grafana's administrator
#   --topic           of SNS, that Alertmanager tells; without one alerts only show
#   --retention-days  (90) how long Prometheus keeps samples, as long as they take no more than 80 % of the volume
#   --root-url        where people reach Grafana: https://… behind TLS
#
# The machine is Amazon Linux 2023 with systemd, curl and the AWS CLI. Data is below /var/lib/prometheus-on-emr-data,
# where a volume of its own is mounted (mount-volume.sh). docs/host.md has the whole.
set -eu

HERE=$(cd "$(dirname "$0")" && pwd)
OPT=/opt/prometheus-on-emr
ETC=/etc/prometheus-on-emr
DATA=/var/lib/prometheus-on-emr-data
CONTENT=/var/lib/prometheus-on-emr/content
CHANGED=''

fail() {
  echo "install-host.sh: $*" >&2
  exit 1
}

. "$HERE/host-options.sh"

exec 9>/run/prometheus-on-emr-host.lock
flock -n 9 || fail "another install-host.sh is at work; nothing was changed"
DRAFT=$(mktemp -d)
trap 'rm -rf "$DRAFT"' EXIT

# put SOURCE TARGET MODE: replaces what differs, by renaming: a running process keeps the file that it has.
put() {
  if cmp -s "$1" "$2"; then return; fi
  install -D -m "$3" "$1" "$2.new"
  mv -f "$2.new" "$2"
  CHANGED="$CHANGED $2"
}

# release NAME: its folder below /opt, by version and checksum, so that two never meet.
release() { awk -v name="$1" '$1 == name { print "/opt/prometheus-on-emr/" name "/" $2 "-" substr($3, 1, 8) }' "$HERE/releases.txt"; }

# unpack NAME FILES…: into its folder, once the checksum is right; nothing uses it yet.
unpack() {
  NAME=$1
  shift
  TARGET=$(release "$NAME")
  [ -n "$TARGET" ] || fail "releases.txt does not have $NAME; nothing was changed"
  [ ! -d "$TARGET" ] || return 0
  awk -v name="$NAME" -v folder="$ARTIFACTS" '$1 == name { print $3 "  " folder "/" $4 }' "$HERE/releases.txt" >"$DRAFT/sum"
  sha256sum --check --status "$DRAFT/sum" || fail "$(cut -c67- "$DRAFT/sum") is not the locked file; nothing was changed"
  rm -rf "$TARGET.new"
  mkdir -p "$TARGET.new"
  tar -xf "$(cut -c67- "$DRAFT/sum")" -C "$TARGET.new" --strip-components=1 --no-same-owner --wildcards "$@"
  chmod -R go+rX,go-w "$TARGET.new"
  mv "$TARGET.new" "$TARGET"
}

# use NAME: from now on this release of it.
use() {
  WANTED=$(release "$1")
  [ "$(readlink "$OPT/$1/current" || true)" != "$WANTED" ] || return 0
  ln -sfn "$WANTED" "$OPT/$1/current.new"
  mv -fT "$OPT/$1/current.new" "$OPT/$1/current"
  CHANGED="$CHANGED $WANTED"
}

# render SOURCE TARGET: our words in a configuration. Every value was held to a pattern without | and &.
render() {
  mkdir -p "$(dirname "$2")"
  sed -e "s|\${REGION}|$REGION|g" -e "s|\${ACCOUNT_ID}|$ACCOUNT|g" -e "s|\${STAGE}|$STAGE|g" \
    -e "s|\${TOPIC_ARN}|$TOPIC|g" -e "s|\${ROOT_URL}|${ROOT_URL:-%(protocol)s://%(domain)s:%(http_port)s/}|g" \
    -e "s|\${GRAFANA_URL}|${ROOT_URL%/}|g" -e "s|\${COOKIE_SECURE}|$COOKIE_SECURE|g" "$1" >"$2"
  [ -n "$TOPIC" ] || sed -i '/^ *# topic:begin$/,/^ *# topic:end$/d' "$2"
}

# What can be wrong with a release or a configuration is found before anything that runs is touched.
unpack prometheus '*/prometheus' '*/promtool'
unpack alertmanager '*/alertmanager' '*/amtool'
unpack grafana '*'
unpack nodejs '*/bin/node'
case $ROOT_URL in https://*) COOKIE_SECURE=true ;; *) COOKIE_SECURE=false ;; esac
for FILE in prometheus/prometheus.yml prometheus/scrape.yml alertmanager.yml grafana/grafana.ini grafana/datasources/datasources.yml; do
  render "$HERE/$FILE" "$DRAFT/$FILE"
done
# Of the volume as large as it is when Prometheus looks, at each compaction: it may grow meanwhile.
printf 'storage:\n  tsdb:\n    retention: { time: %sd, percentage: 80 }\n' "$RETENTION_DAYS" >>"$DRAFT/prometheus/prometheus.yml"
"$(release prometheus)/promtool" check config "$DRAFT/prometheus/prometheus.yml" >"$DRAFT/said" 2>&1 ||
  fail "promtool refuses the configuration of Prometheus; nothing was changed: $(cat "$DRAFT/said")"
"$(release alertmanager)/amtool" check-config "$DRAFT/alertmanager.yml" >"$DRAFT/said" 2>&1 ||
  fail "amtool refuses the configuration of Alertmanager; nothing was changed: $(cat "$DRAFT/said")"

for PROGRAM in prometheus alertmanager grafana; do
  if getent passwd prometheus-on-emr-$PROGRAM >/dev/null; then continue; fi
  useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin \
    prometheus-on-emr-$PROGRAM
  CHANGED="$CHANGED user:$PROGRAM"
done

begin() { BEFORE=$CHANGED; }
# component PROGRAM: what was put since `begin` takes a restart; what is put from here on a reload will do for.
component() {
  UNIT=prometheus-on-emr-$1
  put "$HERE/$UNIT.service" /etc/systemd/system/$UNIT.service 644
  if [ "$CHANGED" = "$BEFORE" ]; then
    ACTION=''
  else
    systemctl daemon-reload
    ACTION=restart
  fi
  begin
}
# start HOW URL SECONDS: the unit of `component`; it has to answer.
start() {
  systemctl enable -q "$UNIT"
  if [ "$ACTION" = restart ]; then
    timeout "$3" systemctl restart "$UNIT" || : # whether it answers is asked below
  elif [ "$CHANGED" != "$BEFORE" ] && systemctl -q is-active "$UNIT"; then
    systemctl "$1" "$UNIT"
  else
    timeout "$3" systemctl start "$UNIT" || :
  fi
  DEADLINE=$(($(date +%s) + $3))
  until curl -fsS --noproxy '*' -m 5 -o /dev/null "$2" 2>"$DRAFT/said" && systemctl -q is-active "$UNIT"; do
    [ "$(date +%s)" -lt $DEADLINE ] || fail "$UNIT does not answer after $3 s ($(cat "$DRAFT/said")): journalctl -u $UNIT"
    sleep 0.5
  done
}

# First, for Prometheus does not watch a folder that is not there when it starts.
sh "$HERE/install-sidecar.sh" --bucket "$BUCKET" --region "$REGION" --node "$(release nodejs)/bin/node" \
  --bundle "$HERE/prometheus-on-emr-sidecar.mjs" --content $CONTENT --promtool "$(release prometheus)/promtool" >"$DRAFT/said"
CHANGED="$CHANGED$(sed -n 's/^changed: nothing$//; s/^changed:/ sidecar:/p' "$DRAFT/said")"
UNIT=prometheus-on-emr-sidecar ACTION=''
begin
start restart http://127.0.0.1:9199/-/healthy 60

begin
use prometheus
# A twenty-fifth of the memory, by its kB, at 16 bytes a sample.
awk '/^MemTotal:/ { printf "QUERY_MAX_SAMPLES=%d\nFURTHER_FLAGS=\n", $2 * 1024 / 25 / 16 }' /proc/meminfo >"$DRAFT/env"
put "$DRAFT/env" $ETC/prometheus.env 644
component prometheus
put "$DRAFT/prometheus/scrape.yml" $ETC/prometheus/scrape.yml 644
put "$DRAFT/prometheus/prometheus.yml" $ETC/prometheus/prometheus.yml 644
start reload http://127.0.0.1:9090/-/healthy 120

begin
use alertmanager
component alertmanager
put "$DRAFT/alertmanager.yml" $ETC/alertmanager.yml 644
start reload http://127.0.0.1:9093/-/healthy 60

begin
use grafana
printf 'SECRET_ARN=%s\nAWS_REGION=%s\n' "$SECRET" "$REGION" >"$DRAFT/env"
put "$DRAFT/env" $ETC/grafana-secret.env 644
put "$HERE/read-secret.sh" $OPT/host/read-secret.sh 755
put "$HERE/prepare-grafana.sh" $OPT/host/prepare-grafana.sh 755
put "$HERE/prometheus-on-emr-grafana-secret.service" /etc/systemd/system/prometheus-on-emr-grafana-secret.service 644
put "$DRAFT/grafana/grafana.ini" $ETC/grafana.ini 644
put "$DRAFT/grafana/datasources/datasources.yml" $ETC/grafana/datasources/datasources.yml 644
put "$HERE/grafana/dashboards/content.yml" $ETC/grafana/dashboards/content.yml 644
component grafana
start restart http://127.0.0.1:3000/api/health 300

begin
printf 'AWS_REGION=%s\nHOST=%s\n' "$REGION" "$HOST" >"$DRAFT/env"
put "$DRAFT/env" $ETC/heartbeat.env 644
for TASK in heartbeat grow; do
  for FILE in service timer; do
    put "$HERE/prometheus-on-emr-$TASK.$FILE" /etc/systemd/system/prometheus-on-emr-$TASK.$FILE 644
  done
done
put "$HERE/heartbeat.sh" $OPT/host/heartbeat.sh 755
put "$HERE/grow-volume.sh" $OPT/host/grow-volume.sh 755
[ "$CHANGED" = "$BEFORE" ] || systemctl daemon-reload
systemctl enable -q --now prometheus-on-emr-heartbeat.timer prometheus-on-emr-grow.timer

# For whoever is at work here: the runbooks call them by their names.
for TOOL in prometheus/current/promtool alertmanager/current/amtool; do
  [ "$(readlink "/usr/local/bin/${TOOL##*/}" || :)" = "$OPT/$TOOL" ] || ln -sfn "$OPT/$TOOL" "/usr/local/bin/${TOOL##*/}"
done

# Former releases, now that the new ones answer.
for PROGRAM in prometheus alertmanager grafana nodejs; do
  for FOLDER in "$OPT/$PROGRAM"/[0-9]*; do
    [ "$FOLDER" = "$(release $PROGRAM)" ] || rm -rf "$FOLDER"
  done
done
if command -v restorecon >/dev/null; then restorecon -R $OPT $ETC; fi
echo "changed:${CHANGED:- nothing}"
