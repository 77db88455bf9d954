#!/bin/bash
# Takes away what the install document of jmx_exporter left: watcher, exporters, units, folders, system user, the block in
# Hadoop's env files. No daemon is touched: one that carries the agent keeps it until its own next start, and one that was
# watched keeps the port of its management connector, which answers local callers only.
#
# Inputs:  none.
# Output:  one line of JSON after PROMETHEUS_ON_EMR. Exit 0 removed, 75 try again later, anything else failed.
#@prologue
lock
notice "$HOME_DIR" "/run/$UNIT" "/etc/systemd/system/$UNIT"*.service*
agent_remove
remove_unit
remove_unit "$UNIT-ask@"
remove_unit "$UNIT@"
rm -rf "/run/$UNIT"
removed "$AGENT_REASON"
