# Spark's side: which sinks there are, and our own, as a block in metrics.properties. Spark on YARN sends the submit host's
# file along with each new application, to its driver and its executors.
#
# Reads: REGEX. Sets: REASON (what is to be known of the sink).
INGEST=9109
SPARK_CONF=/etc/spark/conf
SPARK_FILE=$SPARK_CONF/metrics.properties
BLOCK_BEGIN='# BEGIN prometheus-on-emr graphite'
BLOCK_END='# END prometheus-on-emr graphite'
SPARK_FED=false

spark_lines() {
  local NAME='*.sink.prometheus-on-emr' SOURCE=source.jvm.class=org.apache.spark.metrics.source.JvmSource
  printf '%s\n' '# New applications tell the graphite_exporter of the node they run on how they are.' \
    "$NAME.class=org.apache.spark.metrics.sink.GraphiteSink" "$NAME.host=127.0.0.1" "$NAME.port=$INGEST" \
    "$NAME.period=10" "$NAME.unit=seconds" "$NAME.regex=$REGEX" "driver.$SOURCE" "executor.$SOURCE"
}

# read_properties PREFIX: sinks of the properties on stdin, of those whose names begin with it, without it, into PROPERTIES.
# As java.util.Properties reads: `=`, `:` or blanks behind the name; a backslash at the end of a line goes on with the next.
# Of each line no more than 1,000 characters, for bash takes the square of what it cuts off; nothing we ask for is longer.
read_properties() {
  local LINE WHOLE='' BLANKS=$' \t\r\f' NAME TAIL
  while IFS= read -r LINE || [ -n "$LINE" ]; do
    NAME=${LINE%%[!$BLANKS]*} LINE=${LINE:${#NAME}}
    TAIL=${LINE:${#LINE}<1000?0:${#LINE}-1000} LINE=${LINE:0:1000}
    TAIL=${TAIL%$'\r'} LINE=${LINE%$'\r'}
    [ -n "$WHOLE" ] || case $LINE in '' | '#'* | '!'*) continue ;; esac
    if [[ $TAIL == *\\ && $TAIL =~ (\\+)$ && $((${#BASH_REMATCH[1]} % 2)) = 1 ]]; then
      [ ${#WHOLE} -gt 1000 ] || WHOLE+=${LINE%\\}
      continue
    fi
    [ ${#WHOLE} -gt 1000 ] || WHOLE+=$LINE
    NAME=${WHOLE%%[=:$BLANKS]*} LINE=${WHOLE#"$NAME"} WHOLE=''
    LINE=${LINE#"${LINE%%[!$BLANKS]*}"} LINE=${LINE#[=:]} LINE=${LINE#"${LINE%%[!$BLANKS]*}"}
    LINE=${LINE%"${LINE##*[!$BLANKS]}"}
    case $NAME in
      "$1"*.sink.*.*) PROPERTIES[${NAME#"$1"}]=$LINE ;;
      "$1"*.source.*.class) [[ $LINE != *.JvmSource ]] || SPARK_JVM=true ;;
      spark.metrics.conf) SPARK_OTHER=$LINE ;;
    esac
  done
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
  local NAME SINK SPARK_JVM=false SPARK_OTHER=''
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
