#!/bin/bash
# /etc/init.d/hadoop-… start|stop|status   A daemon under its user, as the packages of Bigtop and EMR do: only here, not in
# the environment files, is said where its pid and logs are.
set -eu
. "/etc/default/${0##*/}"
set -a
HADOOP_PID_DIR=/var/run/$FOLDER HADOOP_LOG_DIR=/var/log/$FOLDER HADOOP_IDENT_STRING=$DAEMON_USER
exec su -s /bin/bash "$DAEMON_USER" -c "exec $PROGRAM --daemon $1 $COMMAND"
