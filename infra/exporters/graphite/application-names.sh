#!/bin/bash
# Tells Prometheus the names of the Spark applications of this cluster: asks the ResourceManager of this node every half
# minute, and where that is the active one, leaves a page for node_exporter's textfile collector. Started without
# arguments by prometheus-on-emr-graphite-applications.service, which starts it again whenever it ends.
#
# `application-names.sh where [DIR]` says where this node's ResourceManager is, or `off` and why it is not to be asked;
# nothing where there is none. `application-names.sh page PLACE` asks it, as another user than root: whoever may run a job
# chooses a name. It says the page (exit 0), why there is none now (1), or why there is to be none (3).
#
# For bash 4.2 and any awk: neither jq nor python is sure to be there. No wall clock: it jumps.
set -uf
umask 022
export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin
CONF=/etc/hadoop/conf
TEXTFILES=/opt/prometheus-on-emr/node/textfile
PAGE=$TEXTFILES/spark-applications.prom DRAFT=$TEXTFILES/.spark-applications.new
PERIOD=30
PATIENCE=180 # seconds that a page outlives the last answer

# Of Hadoop's configuration: a line for each ResourceManager (YarnConfiguration.java, HAUtil.java), or `off` and why.
# shellcheck disable=SC2016
READ_SITE='
  function value(KEY, TEXT, LEFT, REST) {
    TEXT = SET[KEY]
    for (LEFT = 20; LEFT && match(TEXT, /[$][{][^}]*}/); LEFT--) {
      REST = substr(TEXT, RSTART + RLENGTH)
      TEXT = substr(TEXT, 1, RSTART - 1) SET[substr(TEXT, RSTART + 2, RLENGTH - 3)] REST
    }
    return TEXT
  }
  BEGIN { RS = "<" }
  COMMENT || /^!--/ { COMMENT = !index($0, "-->"); next }
  { TAG = $0; sub(/>.*/, "", TAG); sub(/^[^>]*>[ \t\r\n]*/, ""); sub(/[ \t\r\n]+$/, "") }
  TAG == "property" { NAME = "" }
  TAG == "name" { NAME = $0 }
  TAG == "value" { SET[NAME] = $0 }
  END {
    if (tolower(value("hadoop.security.authentication")) !~ /^(simple)?$/) {
      print "off the cluster uses Kerberos"
      exit
    }
    SECURE = value("yarn.http.policy") == "HTTPS_ONLY"
    KEY = "yarn.resourcemanager.webapp." (SECURE ? "https." : "") "address"
    COUNT = 1
    if (value("yarn.resourcemanager.ha.enabled") == "true") COUNT = split(value("yarn.resourcemanager.ha.rm-ids"), IDS, /[ ,]+/)
    for (I = 1; I <= COUNT; I++) {
      OF = IDS[I] == "" ? "" : "." IDS[I]
      PLACE = value(KEY OF)
      if (PLACE == "") PLACE = value("yarn.resourcemanager.hostname" OF) (SECURE ? ":8090" : ":8088")
      if (PLACE ~ /^[A-Za-z0-9._-]+:[0-9]+$/) print (SECURE ? "https://" : "http://") PLACE
    }
  }'

# is_own HOST: does it stand for this node? Read from /proc/net, for not every image has ip.
is_own() {
  local WORD MARK AT KIND LAST=''
  for WORD in $(getent ahostsv4 "$1"); do # its addresses, among others
    [[ $WORD != 127.* && $WORD != 0.0.0.0 ]] || return 0
    while read -r MARK AT KIND; do
      [ "$MARK $AT $KIND $LAST" != "/32 host LOCAL $WORD" ] || return 0
      LAST=$AT
    done </proc/net/fib_trie
  done
  return 1
}

# where: into PLACE.
where() {
  local FOUND AT
  PLACE=''
  [ -r "$CONF/core-site.xml" ] && [ -r "$CONF/yarn-site.xml" ] || return 0
  FOUND=$(awk "$READ_SITE" "$CONF/core-site.xml" "$CONF/yarn-site.xml")
  case $FOUND in off*) PLACE=$FOUND && return ;; esac
  for FOUND in $FOUND; do
    AT=${FOUND#*//}
    if is_own "${AT%:*}"; then PLACE=$FOUND && return; fi
  done
}

# Of its answer, with the status behind it: the page. A record ends at a quote: every other one is inside a text, and no
# name gets out of it.
# shellcheck disable=SC2016
RENDER='
  function outside(TEXT, I, C) {
    if (HELD && TEXT ~ /^[ \t\r\n]*:/) {
      KEY[DEPTH] = HOLDS
      if (DEPTH == 1 && HOLDS == "apps") APPS = 1
    }
    else if (HELD && STACK == "{{[{") FIELD[KEY[DEPTH]] = HOLDS
    HELD = 0
    if (TEXT !~ /[][{}]/) return
    for (I = 1; I <= length(TEXT); I++) {
      C = substr(TEXT, I, 1)
      if (C == "{" || C == "[") {
        STACK = STACK C
        KEY[++DEPTH] = ""
        if (STACK == "{{[{") split("", FIELD)
      } else if (C == "}" || C == "]") {
        if (STACK == "{{[{" && KEY[1] == "apps" && KEY[2] == "app") take(FIELD["id"])
        STACK = substr(STACK, 1, --DEPTH)
        WHOLE = DEPTH == 0 && APPS
      }
    }
  }
  function take(ID) {
    if (ID !~ /^application_[0-9]+_[0-9]+$/ || length(ID) > 50 || ID in SEEN) return
    SEEN[ID] = 1
    LINES[++COUNT] = "spark_application_info{application_id=\"" ID "\",application_name=\"" clean(FIELD["name"]) \
      "\",user=\"" clean(FIELD["user"]) "\",queue=\"" clean(FIELD["queue"]) "\"} 1"
  }
  # JSON undone, valid UTF-8, no control characters nor what turns the direction of writing, at most 128 characters.
  function clean(TEXT, I, N, CODE, OUT, SHORT) {
    if (TEXT !~ /[\\\001-\037\177-\377]/ && length(TEXT) <= 128) return TEXT
    for (I = 1; I <= length(TEXT) && I < 4000; I += SIZE) {
      CODE = code(TEXT, I)
      if (CODE == 9 || CODE == 10 || CODE == 13) CODE = 32
      if (CODE < 32 || (CODE >= 127 && CODE < 160) || CODE == 8206 || CODE == 8207 || (CODE >= 8232 && CODE <= 8238) ||
        (CODE >= 8294 && CODE <= 8297)) continue
      if (++N == 128) SHORT = OUT
      if (N > 128) return SHORT utf8(8230)
      OUT = OUT (CODE == 34 || CODE == 92 ? "\\" : "") utf8(CODE)
    }
    return OUT
  }
  # code TEXT I: of the character there, of SIZE bytes. What is none becomes U+FFFD.
  function code(TEXT, I, C, CODE, LOW) {
    C = substr(TEXT, I, 1)
    CODE = ORD[C]
    SIZE = 1
    if (CODE >= 128) return several(TEXT, I, CODE)
    if (C != "\\") return CODE
    C = substr(TEXT, I + 1, 1)
    SIZE = 2
    if (C != "u") return C == "n" || C == "r" || C == "t" ? 32 : C == "b" || C == "f" ? 8 : ORD[C]
    CODE = hex(substr(TEXT, I + 2, 4))
    SIZE = 6
    if (CODE < 55296 || CODE > 57343) return CODE
    LOW = substr(TEXT, I + 6, 2) == "\\u" ? hex(substr(TEXT, I + 8, 4)) : 0
    if (CODE > 56319 || LOW < 56320 || LOW > 57343) return 65533
    SIZE = 12
    return 65536 + (CODE - 55296) * 1024 + LOW - 56320
  }
  function several(TEXT, I, LEAD, WANT, CODE, J, C) {
    WANT = LEAD < 194 ? 1 : LEAD < 224 ? 2 : LEAD < 240 ? 3 : LEAD < 245 ? 4 : 1
    CODE = WANT == 2 ? LEAD - 192 : WANT == 3 ? LEAD - 224 : LEAD - 240
    for (J = 1; J < WANT; J++) {
      C = ORD[substr(TEXT, I + J, 1)]
      if (C < 128 || C > 191) return 65533
      CODE = CODE * 64 + C - 128
    }
    if (WANT == 1 || (WANT == 3 && CODE < 2048) || (WANT == 4 && CODE < 65536) || CODE > 1114111 ||
      (CODE > 55295 && CODE < 57344)) return 65533
    SIZE = WANT
    return CODE
  }
  function hex(TEXT, I, SUM) {
    for (I = 1; I <= 4; I++) SUM = SUM * 16 + index("123456789abcdef", tolower(substr(TEXT, I, 1)))
    return SUM
  }
  function utf8(CODE) {
    if (CODE < 128) return sprintf("%c", CODE)
    if (CODE < 2048) return sprintf("%c%c", 192 + int(CODE / 64), 128 + CODE % 64)
    if (CODE < 65536) return sprintf("%c%c%c", 224 + int(CODE / 4096), 128 + int(CODE / 64) % 64, 128 + CODE % 64)
    return sprintf("%c%c%c%c", 240 + int(CODE / 262144), 128 + int(CODE / 4096) % 64, 128 + int(CODE / 64) % 64, 128 + CODE % 64)
  }
  function none(EXIT, WHY) { print WHY; exit EXIT }
  BEGIN {
    RS = "\""
    for (I = 1; I < 256; I++) ORD[sprintf("%c", I)] = I
  }
  (READ += length(LAST = $0) + 1) > 8000000 { exit }
  INSIDE {
    # One after an odd number of backslashes is part of the text.
    for (I = length($0); I && substr($0, I, 1) == "\\"; I--) ;
    INSIDE = (length($0) - I) % 2
    if (length(HOLDS) < 5000) HOLDS = HOLDS $0 (INSIDE ? "\"" : "")
    HELD = !INSIDE
    next
  }
  { outside($0); INSIDE = 1; HOLDS = "" }
  END {
    if (READ > 8000000) none(1, "the answer of the ResourceManager is over 8 MB")
    STATUS = match(LAST, /\n[0-9][0-9][0-9]\n$/) ? substr(LAST, RSTART + 1, 3) : ""
    if (STATUS == 307 || (STATUS == 200 && LAST ~ /no active RM/)) none(3, "the ResourceManager of this node is not the active one")
    if (STATUS == 401 || STATUS == 403) none(3, "the ResourceManager wants a login")
    if (STATUS != 200) none(1, "the ResourceManager does not answer: status " STATUS)
    if (!WHOLE) none(1, "the answer of the ResourceManager is not understood")
    print "# HELP spark_application_info Name, user and queue of a Spark application that YARN runs or is about to."
    print "# TYPE spark_application_info gauge"
    fflush()
    # The oldest first: whichever comes later, they keep their names.
    SORT = "sort -t _ -k 5,5n -k 6,6n | head -n 500"
    for (I = 1; I <= COUNT; I++) if (COUNT > 500) print LINES[I] | SORT; else print LINES[I]
    close(SORT)
    print "# HELP spark_applications_dropped Spark applications without a name here: more than 500 run."
    print "# TYPE spark_applications_dropped gauge"
    print "spark_applications_dropped " (COUNT > 500 ? COUNT - 500 : 0)
  }'

page() { # PLACE
  case $1 in
    http*) ;;
    '') echo 'no ResourceManager runs on this node' && exit 3 ;;
    *) printf '%s\n' "${1#off }" && exit 3 ;;
  esac
  # Of what EMR has, older releases refuse all but the largest of the fields that may be left out (DeSelectFields.java).
  # Any certificate: this node asks itself.
  curl -q --silent --insecure --noproxy '*' --max-time 15 --header 'Accept: application/json' --write-out '\n%{http_code}\n' \
    "$1/ws/v1/cluster/apps?states=RUNNING,ACCEPTED&applicationTypes=SPARK&deSelects=resourceRequests" |
    head -c 8000001 | awk "$RENDER" # awk holds what is between two quotes, however long
}

# say WHY: once.
say() {
  [ "$1" != "$SAID" ] || return 0
  SAID=$1
  printf '%s\n' "$1"
}

# look: asks once, as OWNER. A folder that cannot be written is another than when we started: a new start will tell.
look() {
  local RC=0 WHY=''
  if [ ! -d "$TEXTFILES" ]; then
    say "there is no $TEXTFILES: node_exporter is not installed"
    return
  fi
  [ $((LOOKS % 20)) != 0 ] || where
  LOOKS=$((LOOKS + 1))
  rm -f "$DRAFT"
  setpriv --reuid "$OWNER" --regid "$GROUP" --clear-groups --inh-caps=-all bash "$0" page "$PLACE" >"$DRAFT" || RC=$?
  [ -e "$DRAFT" ] || exit 1
  read -r UP _ </proc/uptime
  UP=${UP%%.*}
  if [ $RC = 0 ]; then
    mv -f "$DRAFT" "$PAGE" || exit 1
    HEARD=$UP
    say 'names are told'
    return
  fi
  LOOKS=0
  read -r -n 200 WHY <"$DRAFT"
  [ $RC != 3 ] && [ $((UP - HEARD)) -lt $PATIENCE ] || rm -f "$PAGE"
  rm -f "$DRAFT"
  say "no names: ${WHY:-asking ended with $RC}"
}

case ${1-} in
  where)
    CONF=${2-$CONF}
    where
    [ -z "$PLACE" ] || printf '%s\n' "$PLACE"
    ;;
  page) page "$2" ;;
  *)
    OWNER=$(id -u prometheus-on-emr-graphite) GROUP=$(id -g prometheus-on-emr-graphite) || exit 1
    SAID='' HEARD=-$PATIENCE LOOKS=0 PLACE=''
    exec 8<> <(:) # nothing ever comes from it: a clock without a fork
    while :; do
      look
      read -r -t "$PERIOD" -u 8 _
    done
    ;;
esac
