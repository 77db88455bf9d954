#!/bin/bash
# Takes away what the install document of jmx_exporter left: watcher, exporters, units, folders, system user, the block in
# Hadoop's env files. No daemon is touched: one that carries the agent keeps it until its own next start, and one that was
# watched keeps the port of its management connector, which answers local callers only.
#
# Inputs:  none.
# Output:  one line of JSON after PROMETHEUS_ON_EMR. Exit 0 removed, 75 try again later, anything else failed.
#@prologue
lock
for TRACE in "$HOME_DIR" "/run/$UNIT" "/etc/systemd/system/$UNIT"*.service*; do
  [ ! -e "$TRACE" ] || CHANGED=true
done
agent_remove
remove_unit
remove_unit "$UNIT-ask@"
remove_unit "$UNIT@"
rm -rf "/run/$UNIT"
rm -rf "$HOME_DIR"
if id -u "$UNIT"; then
  CHANGED=true
  userdel "$UNIT" || later 'the system user cannot be removed now'
fi
rm -f "$LOCK"
report removed 0 "$AGENT_REASON"
