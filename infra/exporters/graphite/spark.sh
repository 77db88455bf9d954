# Spark's side: which sinks there are, and our own, as a block in metrics.properties. Spark on YARN sends the submit host's
# file along with each new application, to its driver and its executors.
#
# Reads: REGEX. Sets: REASON (what is to be known of the sink).
INGEST=9109
SPARK_CONF=/etc/spark/conf
SPARK_FILE=$SPARK_CONF/metrics.properties
BLOCK_BEGIN='# BEGIN prometheus-on-emr graphite'
BLOCK_END='# END prometheus-on-emr graphite'
SPARK_FED=false SPARK_JVM=false SPARK_SOURCES=''

# A source of that name of the user's own stays what it is: of two lines the last one counts.
spark_lines() {
  local OF NAME='*.sink.prometheus-on-emr' SOURCE=source.jvm.class
  printf '%s\n' '# New applications tell the graphite_exporter of the node they run on how they are.' \
    "$NAME.class=org.apache.spark.metrics.sink.GraphiteSink" "$NAME.host=127.0.0.1" "$NAME.port=$INGEST" \
    "$NAME.period=10" "$NAME.unit=seconds" "$NAME.regex=$REGEX"
  for OF in driver executor; do
    case " $SPARK_SOURCES " in *" $OF.$SOURCE "* | *" *.$SOURCE "*) ;; *) echo "$OF.$SOURCE=org.apache.spark.metrics.source.JvmSource" ;; esac
  done
}

# As java.util.Properties reads: `=`, `:` or blanks behind the name; a backslash at the end of a line goes on with the next.
# Awk, for bash takes half a minute for a megabyte of short lines; no step takes longer than the line is long. Of what goes
# on no more than 2,000 characters: nothing we ask for is longer. Says name and value of sinks, JvmSource, spark.metrics.conf.
# shellcheck disable=SC2016
READ_PROPERTIES='
  function told(text,  at, name, rest) {
    at = match(text, /[=: \t\r\f]/)
    name = at ? substr(text, 1, at - 1) : text
    rest = substr(text, length(name) + 1)
    sub(/^[ \t\r\f]*[=:]?[ \t\r\f]*/, "", rest)
    for (at = length(rest); at > 0 && index(" \t\r\f", substr(rest, at, 1)); at--);
    rest = substr(rest, 1, at)
    if (name == "spark.metrics.conf") print name, rest
    if (index(name, prefix) != 1) return
    name = substr(name, length(prefix) + 1)
    if (name ~ /[.]sink[.].*[.]/ || name ~ /[.]source[.]jvm[.]class$/) print name, rest
    else if (name ~ /[.]source[.].*[.]class$/ && rest ~ /[.]JvmSource$/) print name, rest
  }
  {
    sub(/^[ \t\r\f]+/, "")
    end = length($0)
    if (substr($0, end) == "\r") end--
    if (!more && (end == 0 || $0 ~ /^[#!]/)) next
    for (slash = end; slash > 0 && substr($0, slash, 1) == "\\"; slash--);
    more = (end - slash) % 2
    if (length(whole) <= 1000) whole = whole substr($0, 1, end - more < 1000 ? end - more : 1000)
    if (more) next
    told(whole)
    whole = ""
  }
  END { if (more) told(whole) }'

# read_properties PREFIX: sinks of the properties on stdin, of those whose names begin with it, without it, into PROPERTIES.
read_properties() {
  local TOLD NAME REST
  # Nothing told must mean that there is nothing.
  if ! TOLD=$(tr -d '\000' | LC_ALL=C awk -v prefix="$1" "$READ_PROPERTIES"); then
    rm -f "$BLOCK_COPY"
    fail 'awk does not read what sinks Spark has'
  fi
  while read -r NAME REST; do
    case $NAME in
      '') ;;
      spark.metrics.conf) SPARK_OTHER=$REST ;;
      *.sink.*) PROPERTIES[$NAME]=$REST ;;
      *)
        SPARK_SOURCES+=" $NAME"
        [[ $REST != *.JvmSource ]] || SPARK_JVM=true
        ;;
    esac
  done < <(printf '%s\n' "$TOLD")
}

# property SINK NAME: for a sink as `driver.sink.graphite`; what is said of all instances counts where nothing else is said.
property() { VALUE=${PROPERTIES[$1.$2]-${PROPERTIES[*.${1#*.}.$2]-}}; }

# Does that sink send what ours sends, to where ours sends it? In time, too: the exporter forgets a sample after 60 s.
feeds_us() {
  local VALUE
  property "$1" host && [[ $VALUE == 127.0.0.1 || $VALUE == localhost ]] &&
    property "$1" port && [ "$VALUE" = "$INGEST" ] && property "$1" prefix && [ -z "$VALUE" ] &&
    property "$1" period && [[ ${VALUE:-10} =~ ^[1-9][0-9]?$ ]] && [ "${VALUE:-10}" -le 30 ] &&
    property "$1" unit && [[ $VALUE =~ ^([Ss][Ee][Cc][Oo][Nn][Dd][Ss])?$ ]]
}

# read_file FILE [PREFIX]: its sinks. What cannot be read is said, and no failure: the exporter is of use to others.
read_file() {
  if block_copy "$1" && block_own "$BLOCK_COPY" "$1" >/dev/null; then
    read_properties "${2-}" < <(block_own "$BLOCK_COPY")
  elif [ $# = 2 ]; then
    also "$BLOCK_WHY"
  fi
  rm -f "$BLOCK_COPY"
}
also() { REASON+="${REASON:+; }$1"; }

# What there is beside our block: a Graphite sink of the user's for drivers or executors that is not the same is a conflict.
# It may have come after ours: two would double the work.
spark_look() {
  local NAME SINK SPARK_OTHER=''
  local -A PROPERTIES
  [ -d "$SPARK_CONF" ] || return 0
  read_file "$SPARK_FILE"
  read_file "$SPARK_CONF/spark-defaults.conf" spark.metrics.conf.
  for NAME in "${!PROPERTIES[@]}"; do
    SINK=${NAME%.class}
    case $NAME=${PROPERTIES[$NAME]} in '*.'*.class=*.GraphiteSink | driver.*.class=*.GraphiteSink | executor.*.class=*.GraphiteSink) ;; *) continue ;; esac
    if ! feeds_us "$SINK"; then
      spark_remove || true
      report conflict 0 "Spark has a Graphite sink of its own, ${SINK#*.sink.}, for which see $SPARK_FILE or spark-defaults.conf. Take it out, or have it send to 127.0.0.1:$INGEST every 10 seconds without a prefix"
    fi
    SPARK_FED=true
  done
  if [ "$SPARK_FED" = true ]; then
    also 'the Graphite sink that is there is the same as ours'
    [ "$SPARK_JVM" = true ] || REASON+=', but there is no JvmSource: nothing is known of memory and garbage collection'
  fi
  [ -z "$SPARK_OTHER" ] || also "applications read $SPARK_OTHER (spark.metrics.conf): it needs the lines of $SPARK_FILE"
}

# spark_apply: when the exporter answers. A sink that finds nobody is a warning with a stack trace, every 10 s. Without the
# block the exporter runs all the same: executors that others send here are to be seen.
spark_apply() {
  [ -d "$SPARK_CONF" ] || return 0
  if [ "$SPARK_FED" = true ]; then
    spark_remove || also "our block is there, too: $BLOCK_WHY"
  else
    block_write "$SPARK_FILE" "$(spark_lines)" && return
    REASON="Spark has no sink from us: $BLOCK_WHY, or give the cluster the classification spark-metrics (docs/exporters/graphite.md)${REASON:+; $REASON}"
    AGAIN=600
  fi
}

spark_remove() { [ ! -f "$SPARK_FILE" ] || block_write "$SPARK_FILE" ''; }
