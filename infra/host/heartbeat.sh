#!/bin/sh
# Run once a minute: one data point in CloudWatch while this host would tell of an alert. Where they stop, HostSilent rings.
set -eu
ask() { curl -fsS --noproxy '*' -m 10 "$@"; }
ask http://127.0.0.1:9093/-/ready >/dev/null
# Prometheus scrapes itself every 15 s: one that cannot write has no fresh sample. One without rules tells of nothing.
FRESH='time() - timestamp(up{job="prometheus"}) < 90'
RULED='time() - max(prometheus_rule_group_last_evaluation_timestamp_seconds) < 300'
# All that Alertmanager has asked of SNS for twelve minutes was refused, in both halves of them: it tries every five minutes
# (group_interval), so a single message that was lost, or that is still tried, is not meant.
ASKED=alertmanager_notification_requests_total FAILED=alertmanager_notification_requests_failed_total
GONE="sum(changes(($ASKED - $FAILED)[12m:15s])) > 0"
REFUSED="sum(increase($FAILED[6m])) > 0 and sum(increase($FAILED[6m] offset 6m)) > 0 unless $GONE"
QUERY="$FRESH and on () ($RULED) unless on () ($REFUSED)"
ask --get --data-urlencode "query=$QUERY" http://127.0.0.1:9090/api/v1/query | grep -q '"value"'
exec aws cloudwatch put-metric-data --region "$AWS_REGION" --namespace PrometheusOnEmrHost --metric-name Heartbeat \
  --dimensions "Host=$HOST" --value 1
