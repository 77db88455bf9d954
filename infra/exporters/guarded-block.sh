# A block of ours at the end of somebody else's file, between two marks: put in, renewed, and taken out again byte for
# byte. Whoever reads the file finds the old one or the new one, and but for what is in it, it is the same: owner, mode,
# SELinux context, links to it.
#
# Reads: BLOCK_BEGIN, BLOCK_END (the marks, whole lines). Sets: CHANGED, BLOCK_WHY (why it could not be written).
BLOCK_WHY=''

# block_own FILE: all of it but our block. The empty line before the block is the block's.
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
  BLOCK_WHY="$1 must have '$BLOCK_BEGIN' and '$BLOCK_END' once each, in this order: take both lines away"
  [[ $BEGIN == [0-9]* && $END == [0-9]* && $BEGIN$END != *$'\n'* && ${BEGIN%%:*} -lt ${END%%:*} ]] || return 1
  START=${BEGIN%%:*} REST=$((${END%%:*} + ${#BLOCK_END} + 2))
  [ -n "$(head -c "$START" "$1" | tail -c 2)" ] || START=$((START - 1))
  # Without an end was the last line; with something after the block, it is not any more.
  [[ $BEGIN != *' had no end)' || $REST -le $(stat -c %s "$1") ]] || START=$((START - 1))
  head -c "$START" "$1" && tail -c "+$REST" "$1"
}

# block_made FILE: is it there for the sake of our block only?
block_made() {
  [ ! -e "$1" ] || { grep -qxF "$BLOCK_BEGIN (there was no such file)" "$1" && [ "$(block_own "$1" | head -c 1 && echo x)" = x ]; }
}

# block_new FILE TEXT: the file with a block of TEXT at its end, or with none.
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
  local FILE NEW BEFORE AFTER
  BLOCK_WHY="there is no folder ${1%/*}"
  FILE=$(readlink -f "$1") && [ -d "${FILE%/*}" ] || return 1
  BLOCK_WHY="$FILE is not a file"
  [ -f "$FILE" ] || [ ! -e "$FILE" ] || return 1
  block_own "$FILE" >/dev/null || return 1
  [ -n "$2" ] || [ -e "$FILE" ] || return 0
  BEFORE=$(block_sum "$FILE")
  AFTER=$(block_new "$FILE" "$2" | sha256sum)
  [ "$BEFORE" != "$AFTER" ] || return 0
  BLOCK_WHY="${FILE%/*} must belong to root, and nobody else may write there"
  [[ $(stat -c %u%A "${FILE%/*}") == "${EUID}drwx"?-??-? ]] || return 1
  BLOCK_WHY="$FILE cannot be written"
  if [ -z "$2" ] && block_made "$FILE"; then
    rm -f "$FILE" && CHANGED=true
    return
  fi
  NEW=${FILE%/*}/.${FILE##*/}.prometheus-on-emr
  rm -f "$NEW"
  # Somebody else may have written it meanwhile.
  if { [ ! -e "$FILE" ] || cp --preserve=all "$FILE" "$NEW"; } && block_new "$FILE" "$2" >"$NEW" &&
    [ "$AFTER" = "$(sha256sum <"$NEW")" ] && [ "$BEFORE" = "$(block_sum "$FILE")" ] && mv -fT "$NEW" "$FILE"; then
    CHANGED=true
    return 0
  fi
  rm -f "$NEW"
  return 1
}
block_sum() { if [ -e "$1" ]; then sha256sum <"$1"; else echo; fi; }
