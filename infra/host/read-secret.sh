#!/bin/sh
# Run by prometheus-on-emr-grafana-secret.service, as Grafana's user. The password is never an argument, a line of the
# journal or on a disk: /run is memory.
set -eu
umask 077
FILE=/run/prometheus-on-emr-grafana/admin-password
export HOME=/run/prometheus-on-emr-grafana
until PASSWORD=$(aws secretsmanager get-secret-value --region "$AWS_REGION" --secret-id "$SECRET_ARN" \
  --query SecretString --output text) && [ -n "$PASSWORD" ]; do
  echo "the password of Grafana cannot be read from $SECRET_ARN: trying again in 10 s" >&2
  sleep 10
done
printf %s "$PASSWORD" >"$FILE.new" # printf is the shell's own: no process has it as an argument
mv -f "$FILE.new" "$FILE"
