#!/bin/sh
# Taken in by install-host.sh: reads its options into variables, each held to a pattern, and ends it with all that is wrong
# with them and the machine before anything is changed.

BUCKET='' REGION='' STAGE='' ACCOUNT='' HOST='' ARTIFACTS='' SECRET='' TOPIC='' RETENTION_DAYS=90 ROOT_URL=''
PROBLEMS=''

while [ $# -gt 0 ]; do
  [ $# -ge 2 ] || fail "$1: a value expected"
  case $1 in
    --bucket) BUCKET=$2 ;;
    --region) REGION=$2 ;;
    --stage) STAGE=$2 ;;
    --account) ACCOUNT=$2 ;;
    --name) HOST=$2 ;;
    --artifacts) ARTIFACTS=$2 ;;
    --secret) SECRET=$2 ;;
    --topic) TOPIC=$2 ;;
    --retention-days) RETENTION_DAYS=$2 ;;
    --root-url) ROOT_URL=$2 ;;
    *) fail "$1: unknown; the head of this script lists what there is" ;;
  esac
  shift 2
done

problem() { PROBLEMS="$PROBLEMS
  $*"; }
# is VALUE PATTERN: all of the value, by an extended expression.
is() { [ "$(printf '%s\n' "$1" | wc -l)" = 1 ] && printf '%s\n' "$1" | grep -Eqx "$2"; }
is "$BUCKET" '[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]' || problem "--bucket \"$BUCKET\": the name of the bucket expected"
is "$REGION" '[a-z]+(-[a-z]+)+-[0-9]+' || problem "--region \"$REGION\": a region expected, for example us-east-1"
is "$STAGE" '[a-z0-9]+(-[a-z0-9]+)*' || problem "--stage \"$STAGE\": the stage of the deployment expected"
is "$ACCOUNT" '[0-9]{12}' || problem "--account \"$ACCOUNT\": twelve digits expected"
is "$HOST" '[A-Za-z0-9-]{1,128}' || problem "--name \"$HOST\": letters, digits and hyphens expected"
[ -d "$ARTIFACTS" ] || problem "--artifacts \"$ARTIFACTS\": the folder of the releases' files expected"
is "$SECRET" 'arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+' ||
  problem "--secret \"$SECRET\": the ARN of a secret expected"
is "$TOPIC" '|arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}' ||
  problem "--topic \"$TOPIC\": the ARN of a topic expected"
is "$RETENTION_DAYS" '[1-9][0-9]{0,3}' || problem "--retention-days \"$RETENTION_DAYS\": a number of days expected"
is "$ROOT_URL" '|https?://[A-Za-z0-9.:/_-]+' || problem "--root-url \"$ROOT_URL\": https://… expected"
[ "$(id -u)" = 0 ] || problem "run it as root"
# What is written there would fill the root disk, and be gone with it.
mountpoint -q "$DATA" || problem "$DATA: no volume is mounted there: mount-volume.sh DEVICE $DATA"
[ -z "$PROBLEMS" ] || fail "nothing was changed:$PROBLEMS"
