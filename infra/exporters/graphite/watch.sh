#!/bin/bash
# Runs graphite_exporter, and ends it when its page cannot be had: a crafted line can make every scrape answer 500 for as
# long as its timestamp says, or fill the page. systemd starts it anew, and it has what Spark sends from then on.
#
# Usage: watch.sh PORT COMMAND…
MAX_BYTES=8000000 # some 63,000 series; a hundred executors have 11,000 at most
MAX_KB=163840     # those 11,000 take half of it; a flood passes it long before its page can be had
EXPORTER=$BASHPID # the command takes this process over: it is what systemd and the install document see
PORT=$1
shift

end() {
  echo "$1: graphite_exporter is started anew" >&2
  kill -KILL "$EXPORTER"
}

resident_kb() {
  local KEY VALUE
  KB=0
  { while read -r KEY VALUE _; do
    if [ "$KEY" = VmRSS: ]; then KB=$VALUE && break; fi
  done <"/proc/$EXPORTER/status"; } 2>/dev/null
}

watch() {
  local CODE BYTES KB SILENT=0
  # Every look costs as much as a scrape. Seven seconds, two until systemd has started it anew and ten until every
  # application has sent again: all series are back within twenty.
  while sleep 7; do
    resident_kb
    [ "$KB" -le "$MAX_KB" ] || end "it takes $KB kB"
    read -r CODE BYTES < <(curl -q --silent --noproxy '*' --max-time 10 --output /dev/null \
      --write-out '%{http_code} %{size_download}\n' "http://127.0.0.1:$PORT/metrics")
    case $CODE in
      200) SILENT=0 && [ "$BYTES" -le "$MAX_BYTES" ] || end "the page has $BYTES bytes" ;;
      000) SILENT=$((SILENT + 1)) && [ "$SILENT" -lt 3 ] || end 'no answer for three times' ;;
      *) end "the page answers $CODE" ;;
    esac
  done
}

watch &
exec "$@"
