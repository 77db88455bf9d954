#!/bin/sh
# Run before each start of Grafana, as its user.
set -eu
umask 077
DATA=/var/lib/prometheus-on-emr-data/grafana
HOMEPATH=/opt/prometheus-on-emr/grafana/current

# What Grafana encrypts in its database it encrypts with this; its default is known to everybody.
if [ ! -s $DATA/secret-key ]; then
  head -c 32 /dev/urandom | base64 >$DATA/secret-key.new
  mv -f $DATA/secret-key.new $DATA/secret-key
fi
# Grafana takes the configured password for a new database only; after a change of the secret, or on a volume that was
# another stack's, the secret holds.
if [ -s $DATA/grafana.db ]; then
  $HOMEPATH/bin/grafana cli --homepath=$HOMEPATH --config=/etc/prometheus-on-emr/grafana.ini \
    admin reset-admin-password --password-from-stdin </run/prometheus-on-emr-grafana/admin-password >/dev/null ||
    echo "the administrator's password could not be set: the former one holds" >&2
fi
