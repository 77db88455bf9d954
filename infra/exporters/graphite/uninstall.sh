#!/bin/bash
# Takes away what the install document of graphite_exporter left: first the block in Spark's metrics.properties, then service,
# unit, folder, system user. Applications that run keep their sink until they end, and log a warning each time it finds nobody.
#
# Inputs:  none.
# Output:  one line of JSON after PROMETHEUS_ON_EMR. Exit 0 removed, 75 try again later, anything else failed.
#@prologue
lock
spark_remove || fail "$BLOCK_WHY, or take our block out by hand"
notice "$HOME_DIR" "/etc/systemd/system/$UNIT.service" "/etc/systemd/system/$UNIT.service.d"
applications_remove
remove_unit
removed
