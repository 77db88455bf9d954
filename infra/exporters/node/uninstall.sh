#!/bin/bash
# Takes away what the install document of node_exporter left: service, unit, folder, system user.
#
# Inputs:  none. Somebody else's node_exporter (adopted or not) is not touched.
# Output:  one line of JSON after PROMETHEUS_ON_EMR. Exit 0 removed, 75 try again later, anything else failed.
#@prologue
lock
notice "$HOME_DIR" "/etc/systemd/system/$UNIT.service" "/etc/systemd/system/$UNIT.service.d"
remove_unit
removed
