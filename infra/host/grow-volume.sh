#!/bin/sh
# Run every five minutes, and when the volume is mounted: makes the file system as large as its volume, which EBS may have
# grown meanwhile. Whatever uses it goes on.
set -eu
FOLDER=${1:-/var/lib/prometheus-on-emr-data}
SAID=$(resize2fs "$(findmnt -nro SOURCE -M "$FOLDER")" 2>&1) || {
  echo "$SAID" >&2
  exit 1
}
