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
read_properties() {
  local LINE WHOLE='' BLANKS=$' \t\r\f' NAME
  while IFS= read -r LINE || [ -n "$LINE" ]; do
    LINE=${LINE%$'\r'} LINE=${LINE#"${LINE%%[!$BLANKS]*}"}
    [ -n "$WHOLE" ] || case $LINE in '#'* | '!'*) continue ;; esac
    WHOLE+=$LINE
    if [[ $WHOLE =~ (\\+)$ ]] && [ $((${#BASH_REMATCH[1]} % 2)) = 1 ]; then
      WHOLE=${WHOLE%\\}
      continue
    fi
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
property() { printf %s "${PROPERTIES[$1.$2]-${PROPERTIES[*.${1#*.}.$2]-}}"; }

# Does that sink send what ours sends, to where ours sends it? In time, too: the exporter forgets a sample after 60 s.
feeds_us() {
  local HOST PERIOD
  HOST=$(property "$1" host) PERIOD=$(property "$1" period)
  [[ $HOST == 127.0.0.1 || $HOST == localhost ]] && [ "$(property "$1" port)" = "$INGEST" ] &&
    [ -z "$(property "$1" prefix)" ] && [[ ${PERIOD:-10} =~ ^[1-9][0-9]?$ ]] && [ "${PERIOD:-10}" -le 30 ] &&
    [[ $(property "$1" unit) =~ ^([Ss][Ee][Cc][Oo][Nn][Dd][Ss])?$ ]]
}

# What there is beside our block: a Graphite sink of the user's for drivers or executors that is not the same is a conflict.
spark_look() {
  local NAME SINK SPARK_JVM=false SPARK_OTHER=''
  local -A PROPERTIES
  [ -d "$SPARK_CONF" ] || return 0
  block_own "$SPARK_FILE" >/dev/null || fail "$BLOCK_WHY"
  read_properties '' < <(block_own "$SPARK_FILE")
  [ ! -e "$SPARK_CONF/spark-defaults.conf" ] || read_properties spark.metrics.conf. <"$SPARK_CONF/spark-defaults.conf"
  for NAME in "${!PROPERTIES[@]}"; do
    SINK=${NAME%.class}
    case $NAME=${PROPERTIES[$NAME]} in '*.'*.class=*.GraphiteSink | driver.*.class=*.GraphiteSink | executor.*.class=*.GraphiteSink) ;; *) continue ;; esac
    feeds_us "$SINK" ||
      report conflict 0 "Spark has a Graphite sink of its own, ${SINK#*.sink.}, for which see $SPARK_FILE or spark-defaults.conf. Take it out, or have it send to 127.0.0.1:$INGEST every 10 seconds without a prefix"
    SPARK_FED=true
  done
  if [ "$SPARK_FED" = true ]; then
    REASON='the Graphite sink that is there is the same as ours'
    [ "$SPARK_JVM" = true ] || REASON+=', but there is no JvmSource: nothing is known of memory and garbage collection'
  fi
  [ -z "$SPARK_OTHER" ] || REASON+="${REASON:+; }applications read $SPARK_OTHER (spark.metrics.conf): it needs the lines of $SPARK_FILE"
}

# spark_apply: when the exporter answers. A sink that finds nobody is a warning with a stack trace, every 10 s.
spark_apply() { [ ! -d "$SPARK_CONF" ] || [ "$SPARK_FED" = true ] || block_write "$SPARK_FILE" "$(spark_lines)"; }

spark_remove() { [ ! -e "$SPARK_FILE" ] || block_write "$SPARK_FILE" ''; }
