#!/bin/sh
# Run once a minute: one data point in CloudWatch while this host would tell of an alert. Where they stop, HostSilent rings.
set -eu
ask() { curl -fsS --noproxy '*' -m 10 "$@"; }
ask http://127.0.0.1:9093/-/ready >/dev/null
# Prometheus scrapes itself every 15 s: one that cannot write has no fresh sample. One without rules tells of nothing.
FRESH='time() - timestamp(up{job="prometheus"}) < 90'
RULED='time() - max(prometheus_rule_group_last_evaluation_timestamp_seconds) < 300'
ask --get --data-urlencode "query=$FRESH and on () ($RULED)" http://127.0.0.1:9090/api/v1/query | grep -q '"value"'
exec aws cloudwatch put-metric-data --region "$AWS_REGION" --namespace PrometheusOnEmrHost --metric-name Heartbeat \
  --dimensions "Host=$HOST" --value 1
