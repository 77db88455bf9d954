#!/bin/sh
# Run once a minute: one data point in CloudWatch while this host would tell of an alert. Where they stop, HostSilent rings.
set -eu
ask() { curl -fsS --noproxy '*' -m 10 "$1"; }
ask http://127.0.0.1:9093/-/ready >/dev/null
# Prometheus scrapes itself: without a sample in five minutes it cannot write, and its rules see nothing.
ask 'http://127.0.0.1:9090/api/v1/query?query=count(up)' | grep -q '"value"'
exec aws cloudwatch put-metric-data --region "$AWS_REGION" --namespace PrometheusOnEmrHost --metric-name Heartbeat \
  --dimensions "Host=$HOST" --value 1
