#!/bin/sh
# Run by the instance's user data, once the bundle that this is in was checked: attaches the data volume, brings the
# releases from the bucket, and installs. Needs the AWS CLI and the instance's role.
#
#   bootstrap.sh VOLUME INSTANCE [options of install-host.sh but --artifacts]
set -eu
VOLUME=$1 INSTANCE=$2
shift 2
HERE=$(cd "$(dirname "$0")" && pwd)
MINUTES=10
BUCKET='' REGION=''
for WORD in "$@"; do
  case ${LAST:-} in --bucket) BUCKET=$WORD ;; --region) REGION=$WORD ;; esac
  LAST=$WORD
done
fail() {
  echo "bootstrap.sh: $*" >&2
  exit 1
}

# Its serial number is the volume's id: ebs/latest/userguide/identify-nvme-ebs-device
DEVICE=${DEVICES:-/dev/disk/by-id}/nvme-Amazon_Elastic_Block_Store_$(printf %s "$VOLUME" | tr -d -)
DEADLINE=$(($(date +%s) + MINUTES * 60))
# The instance that had it before may still be shutting down.
until [ -e "$DEVICE" ]; do
  aws ec2 attach-volume --region "$REGION" --volume-id "$VOLUME" --instance-id "$INSTANCE" --device /dev/sdf >/dev/null || :
  [ "$(date +%s)" -lt $DEADLINE ] || fail "$VOLUME cannot be attached to $INSTANCE in $MINUTES minutes"
  sleep "${PAUSE:-5}"
done
sh "$HERE/mount-volume.sh" "$DEVICE" /var/lib/prometheus-on-emr-data

ARTIFACTS=$(mktemp -d /var/tmp/prometheus-on-emr.XXXXXX)
trap 'rm -rf "$ARTIFACTS"' EXIT
while read -r NAME VERSION _ FILE; do
  aws s3 cp --region "$REGION" --only-show-errors "s3://$BUCKET/artifacts/$NAME/$VERSION/$FILE" "$ARTIFACTS/$FILE" </dev/null ||
    fail "$FILE cannot be had from $BUCKET"
done <"$HERE/releases.txt"
sh "$HERE/install-host.sh" --artifacts "$ARTIFACTS" "$@"
