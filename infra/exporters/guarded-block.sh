# A block of ours at the end of somebody else's file, between two marks: put in, renewed, and taken out again byte for
# byte. Whoever reads the file finds the old one or the new one, and but for what is in it, it is the same: owner, mode,
# SELinux context, links to it.
#
# Whose file it is may make of it what he likes, at any time: a pipe, a device, more than memory holds. So it is read once,
# bounded, and what is looked at is the copy.
#
# Reads: BLOCK_BEGIN, BLOCK_END (the marks, whole lines). Sets: CHANGED, BLOCK_WHY (why it could not be read or written).
BLOCK_WHY=''
BLOCK_COPY=/run/prometheus-on-emr-${EXPORTER-}.block
BLOCK_MOST=1048576

# block_read FILE: at most a byte too many of it.
block_read() { timeout -s KILL 5 head -c $((BLOCK_MOST + 1)) "$1"; }
block_sum() { if [ -f "$1" ]; then block_read "$1" | sha256sum; else echo; fi; }

# block_copy FILE: to BLOCK_COPY, for nobody else to read; where there is no file, there is no copy.
block_copy() {
  rm -f "$BLOCK_COPY"
  [ -e "$1" ] || return 0
  BLOCK_WHY="$1 is not a file: take it away"
  [ -f "$1" ] || return 1
  BLOCK_WHY="$1 cannot be read"
  (umask 077 && block_read "$1" >"$BLOCK_COPY") || return 1
  BLOCK_WHY="$1 has over 1 MB and is not read: make it smaller"
  [ "$(stat -c %s "$BLOCK_COPY")" -le "$BLOCK_MOST" ]
}

# block_own COPY [FILE]: all of it but our block. The empty line before the block is the block's.
block_own() {
  local BEGIN END START REST
  [ -e "$1" ] || return 0
  BEGIN=$(grep -abxF -e "$BLOCK_BEGIN" -e "$BLOCK_BEGIN (the last line above had no end)" \
    -e "$BLOCK_BEGIN (there was no such file)" "$1" || true)
  END=$(grep -abxF -e "$BLOCK_END" "$1" || true)
  if [ -z "$BEGIN$END" ]; then
    cat "$1"
    return
  fi
  # One mark alone, or two blocks: which lines are the user's cannot be known.
  BLOCK_WHY="${2-$1} must have '$BLOCK_BEGIN' and '$BLOCK_END' once each, in this order: take both lines away"
  [[ $BEGIN == [0-9]* && $END == [0-9]* && $BEGIN$END != *$'\n'* && ${BEGIN%%:*} -lt ${END%%:*} ]] || return 1
  START=${BEGIN%%:*} REST=$((${END%%:*} + ${#BLOCK_END} + 2))
  [ -n "$(head -c "$START" "$1" | tail -c 2)" ] || START=$((START - 1))
  # Without an end was the last line; with something after the block, it is not any more.
  [[ $BEGIN != *' had no end)' || $REST -le $(stat -c %s "$1") ]] || START=$((START - 1))
  head -c "$START" "$1" && tail -c "+$REST" "$1"
}

# block_made COPY: is it there for the sake of our block only?
block_made() {
  [ ! -e "$1" ] || { grep -qxF "$BLOCK_BEGIN (there was no such file)" "$1" && [ "$(block_own "$1" | head -c 1 && echo x)" = x ]; }
}

# block_new COPY TEXT: the file with a block of TEXT at its end, or with none.
block_new() {
  local LINE=$BLOCK_BEGIN
  block_own "$1" || return 1
  [ -n "$2" ] || return 0
  if block_made "$1"; then
    LINE+=' (there was no such file)'
  elif [ -n "$(block_own "$1" | tail -c 1)" ]; then
    LINE=$'\n'"$LINE (the last line above had no end)"
  fi
  printf '\n%s\n%s\n%s\n' "$LINE" "$2" "$BLOCK_END"
}

# block_write PATH TEXT: puts the new one in place.
block_write() {
  local RC=0
  block_put "$@" || RC=1
  rm -f "$BLOCK_COPY"
  return "$RC"
}
block_put() {
  local FILE NEW BEFORE AFTER
  BLOCK_WHY="there is no folder ${1%/*}"
  FILE=$(readlink -f "$1") && [ -d "${FILE%/*}" ] || return 1
  NEW=${FILE%/*}/.${FILE##*/}.prometheus-on-emr
  rm -f "$NEW" || true # of a run that was killed
  block_copy "$FILE" && block_own "$BLOCK_COPY" "$FILE" >/dev/null || return 1
  [ -n "$2" ] || [ -e "$BLOCK_COPY" ] || return 0
  BLOCK_WHY="$FILE would have over 1 MB: make it smaller" # and then nobody could take the block out
  [ -z "$2" ] || [ "$(block_new "$BLOCK_COPY" "$2" | head -c $((BLOCK_MOST + 1)) | tail -c +$((BLOCK_MOST + 1)))" = '' ] || return 1
  BEFORE=$(block_sum "$BLOCK_COPY")
  AFTER=$(block_new "$BLOCK_COPY" "$2" | sha256sum)
  [ "$BEFORE" != "$AFTER" ] || return 0
  BLOCK_WHY="${FILE%/*} must belong to root, and nobody else may write there"
  [[ $(stat -c %u%A "${FILE%/*}") == "${EUID}drwx"?-??-? ]] || return 1
  BLOCK_WHY="$FILE cannot be written"
  if [ -z "$2" ] && block_made "$BLOCK_COPY"; then
    rm -f "$FILE" && CHANGED=true
    return
  fi
  # Somebody else may have written it meanwhile.
  if { [ ! -e "$BLOCK_COPY" ] || cp --attributes-only --preserve=all "$FILE" "$NEW"; } &&
    block_new "$BLOCK_COPY" "$2" >"$NEW" && [ "$AFTER" = "$(sha256sum <"$NEW")" ] &&
    [ "$BEFORE" = "$(block_sum "$FILE")" ] && mv -fT "$NEW" "$FILE"; then
    CHANGED=true
    return 0
  fi
  rm -f "$NEW"
  return 1
}
