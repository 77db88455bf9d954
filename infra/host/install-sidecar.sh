#!/bin/sh
# Installs the sidecar on the host of Prometheus, or brings it up to date; a second run changes and restarts nothing.
#
#   install-sidecar.sh --bucket NAME --region REGION --node PATH --bundle PATH [--content FOLDER --promtool PATH]
#
#   --bucket, --region  where prometheus-on-emr was deployed to
#   --node              a Node 24 (or newer) binary; it is copied
#   --bundle            prometheus-on-emr-sidecar.mjs; prometheus-on-emr-sidecar.service is taken from beside this script
#   --content           also brings the rules and dashboards of the bucket here (/var/lib/prometheus-on-emr/content), and
#                       reloads the Prometheus at 127.0.0.1:9090, which runs with --web.enable-lifecycle
#   --promtool          that checks them first; the one of PATH, unless said
#
# Needs root and systemd. Credentials are the host's own, e.g. an instance profile that may list the bucket and read
# targets/ and clusters/. Other settings: systemctl edit prometheus-on-emr-sidecar (Environment=PROMETHEUS_ON_EMR_…).
set -eu

UNIT=prometheus-on-emr-sidecar
HOME_DIR=/opt/prometheus-on-emr/sidecar
BUCKET='' REGION='' NODE='' BUNDLE='' CONTENT='' PROMTOOL='' CHANGED=''

fail() {
  echo "install-sidecar.sh: $*" >&2
  exit 1
}

# What stands above, for who asks.
for arg in "$@"; do
  case $arg in --help | -h) sed -n '2,/^set /{ s/^# \{0,1\}//p }' "$0" && exit ;; esac
done

while [ $# -gt 0 ]; do
  [ $# -ge 2 ] || fail "$1: a value expected"
  case $1 in
    --bucket) BUCKET=$2 ;;
    --region) REGION=$2 ;;
    --node) NODE=$2 ;;
    --bundle) BUNDLE=$2 ;;
    --content) CONTENT=$2 ;;
    --promtool) PROMTOOL=$2 ;;
    *) fail "$1: unknown; --bucket, --region, --node, --bundle, --content and --promtool expected" ;;
  esac
  shift 2
done
PROBLEMS=''
problem() { PROBLEMS="$PROBLEMS
  $*"; }
case $BUCKET in '' | *[!a-z0-9.-]*) problem "--bucket \"$BUCKET\": the name of the bucket expected" ;; esac
case $REGION in '' | *[!a-z0-9-]*) problem "--region \"$REGION\": a region expected, for example us-east-1" ;; esac
[ -f "$BUNDLE" ] || problem "--bundle \"$BUNDLE\": the file prometheus-on-emr-sidecar.mjs expected"
case $("$NODE" --version 2>/dev/null || true) in
  v2[4-9].* | v[3-9][0-9].*) ;;
  *) problem "--node \"$NODE\": a Node 24 (or newer) binary expected" ;;
esac
# The only folder of the unit's that it may write to.
case $CONTENT in '' | /var/lib/prometheus-on-emr/?*) ;; *) problem "--content \"$CONTENT\": a folder below /var/lib/prometheus-on-emr expected" ;; esac
[ -z "$PROMTOOL" ] || [ -x "$PROMTOOL" ] || problem "--promtool \"$PROMTOOL\": the program expected"
[ "$(id -u)" = 0 ] || problem "run it as root"
[ -z "$PROBLEMS" ] || fail "nothing was changed:$PROBLEMS"

# put SOURCE TARGET MODE: replaces what differs, by renaming: a running process keeps the file that it has.
put() {
  if cmp -s "$1" "$2"; then return; fi
  install -D -m "$3" "$1" "$2.new"
  mv -f "$2.new" "$2"
  CHANGED="$CHANGED $2"
}

if ! getent passwd prometheus-on-emr >/dev/null; then
  useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin prometheus-on-emr
  CHANGED="$CHANGED user"
fi
ENV_FILE=$(mktemp)
trap 'rm -f "$ENV_FILE"' EXIT
printf 'PROMETHEUS_ON_EMR_BUCKET=%s\nAWS_REGION=%s\n' "$BUCKET" "$REGION" >"$ENV_FILE"
[ -z "$CONTENT" ] || printf 'PROMETHEUS_ON_EMR_CONTENT=%s\n' "$CONTENT" >>"$ENV_FILE"
[ -z "$PROMTOOL" ] || printf 'PROMETHEUS_ON_EMR_PROMTOOL=%s\n' "$PROMTOOL" >>"$ENV_FILE"

put "$NODE" $HOME_DIR/node 755
put "$BUNDLE" $HOME_DIR/prometheus-on-emr-sidecar.mjs 644
put "$ENV_FILE" /etc/prometheus-on-emr/sidecar.env 644
put "$(dirname "$0")/$UNIT.service" /etc/systemd/system/$UNIT.service 644

if [ -n "$CHANGED" ]; then
  systemctl daemon-reload
  systemctl enable -q $UNIT
  systemctl restart $UNIT
else
  systemctl enable -q --now $UNIT
fi
echo "changed:${CHANGED:- nothing}"
echo "Prometheus reads: file_sd_configs: [{files: [/var/lib/prometheus-on-emr/targets/*.json]}]"
