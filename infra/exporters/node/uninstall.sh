#!/bin/bash
# Takes away what the install document of node_exporter left: service, unit, folder, system user.
#
# Inputs:  none. Somebody else's node_exporter (adopted or not) is not touched.
# Output:  one line of JSON after PROMETHEUS_ON_EMR. Exit 0 removed, 75 try again later, anything else failed.
#@prologue
OWNER=$UNIT
lock
for TRACE in "$BASE/node" "/etc/systemd/system/$UNIT.service" "/etc/systemd/system/$UNIT.service.d"; do
  [ ! -e "$TRACE" ] || CHANGED=true
done
remove_unit
rm -rf "$BASE/node"
if id -u "$OWNER"; then
  CHANGED=true
  userdel "$OWNER" || later 'the system user cannot be removed now'
fi
rm -f "$LOCK"
report removed 0
