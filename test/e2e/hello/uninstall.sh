#!/bin/bash
# Takes away what the install document of hello_exporter left.
#
# Inputs:  none.
# Output:  one line of JSON after PROMETHEUS_ON_EMR. Exit 0 removed, 75 try again later, anything else failed.
#@prologue
lock
[ ! -e "$HOME_DIR" ] || CHANGED=true
systemctl disable --now "$UNIT.socket" || true
rm -rf "$HOME_DIR" "/etc/systemd/system/$UNIT.socket"
remove_unit "$UNIT@"
! id -u "$UNIT" || userdel "$UNIT" || later 'the system user cannot be removed now'
rm -f "$LOCK"
report removed 0
