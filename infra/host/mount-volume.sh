#!/bin/sh
# Mounts the data volume, now and at each boot, and makes a file system on it when it is a new one: never on a volume that
# holds anything.
#
#   mount-volume.sh DEVICE FOLDER [FSTAB]
set -eu
DEVICE=$1 FOLDER=$2 FSTAB=${3:-/etc/fstab}
LABEL=prometheus-emr # of our file systems; ext4 takes 16 characters
HERE=$(cd "$(dirname "$0")" && pwd)

fail() {
  echo "mount-volume.sh: $*" >&2
  exit 1
}
[ -e "$DEVICE" ] || fail "there is no $DEVICE"
is_mounted() { [ "$(findmnt -nro SOURCE -M "$FOLDER" || :)" = "$(readlink -f "$DEVICE")" ]; }
# It may have grown while it was nobody's. A host with less room is better than none.
grow() { sh "$HERE/grow-volume.sh" "$FOLDER" || echo "mount-volume.sh: $FOLDER is not grown for now; its timer tries again" >&2; }

if is_mounted; then
  grow
  exit
fi
# -p reads the disk itself, not a cache: 0 with a type, 8 where it is ambiguous, 2 where nothing is known or it cannot be
# read: an error while reading must never look like a blank disk.
STATUS=0
TYPE=$(blkid -p -s TYPE -o value "$DEVICE") || STATUS=$?
case "$STATUS $TYPE" in
  '0 ext4')
    NAME=$(blkid -p -s LABEL -o value "$DEVICE" || :)
    [ "$NAME" = $LABEL ] ||
      fail "$DEVICE holds a file system that is not the host's (its label is \"$NAME\"): it is left as it is; if it is the host's, name it so: e2label $DEVICE $LABEL"
    ;;
  '2 ')
    # Of a new volume every block reads as zeros (ebs/latest/userguide/initalize-volume).
    cmp -s -n 67108864 "$DEVICE" /dev/zero ||
      fail "$DEVICE is not empty, though it has no known file system, or cannot be read: it is left as it is"
    mkfs.ext4 -q -m 0 -L $LABEL "$DEVICE"
    ;;
  *) fail "$DEVICE holds something that is no ext4 (${TYPE:-blkid says $STATUS}): it is left as it is" ;;
esac

mkdir -p "$FOLDER"
# nofail: the machine boots without it, too, for Session Manager to get in; our units then wait for it.
LINE="$DEVICE $FOLDER ext4 defaults,noatime,nosuid,nodev,noexec,nofail,x-systemd.device-timeout=300 0 2"
if ! grep -qxF "$LINE" "$FSTAB"; then
  awk -v folder="$FOLDER" '$2 != folder' "$FSTAB" >"$FSTAB.new"
  echo "$LINE" >>"$FSTAB.new"
  mv -f "$FSTAB.new" "$FSTAB"
  systemctl daemon-reload
fi
systemctl start "$(systemd-escape --path --suffix=mount "$FOLDER")"
is_mounted || fail "$DEVICE is not mounted at $FOLDER"
grow
