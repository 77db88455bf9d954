#!/bin/bash
# Installs hello_exporter, a program that systemd starts for each scrape.
#
# Inputs:  UrlProgram (https URL), Port, Word (what it says). Version and SHA-256 are constants of this document.
# Output:  one line of JSON after PROMETHEUS_ON_EMR. Exit 0 done, 75 try again later, anything else failed.
#@prologue
NEED_KB=2048
installed() {
  curl -q --silent --fail --noproxy '*' --max-time 5 "http://127.0.0.1:$SSM_Port/metrics" >&2 || fail 'it does not answer'
  ENDPOINTS="[{\"port\":$SSM_Port,\"labels\":{}}]"
  report installed 0
}
SOCKET=${SOCKET//@PORT@/$SSM_Port} SERVICE=${SERVICE//@WORD@/$SSM_Word}
UNITS=/etc/systemd/system
lock
need_systemd
if holds "$HOME_DIR/$VERSION/sha256" "$SHA256_PROGRAM" && holds "$UNITS/$UNIT.socket" "$SOCKET" &&
  holds "$UNITS/$UNIT@.service" "$SERVICE" && systemctl is-active --quiet "$UNIT.socket"; then installed; fi
CHANGED=true
own
make_room
add_user
download "$SSM_UrlProgram" "$SHA256_PROGRAM" "hello_exporter $VERSION"
mkdir -p "$HOME_DIR/$VERSION"
install -m 755 "$DRAFT/archive" "$HOME_DIR/$VERSION/hello_exporter"
printf '%s\n' "$SHA256_PROGRAM" >"$HOME_DIR/$VERSION/sha256"
point_to "$VERSION"
replace_file "$UNITS/$UNIT.socket" "$SOCKET"
replace_file "$UNITS/$UNIT@.service" "$SERVICE"
systemctl daemon-reload
systemctl enable "$UNIT.socket"
systemctl restart "$UNIT.socket"
installed
