export JAVA_HOME=/usr/lib/jvm/java-17-openjdk
export SPARK_HOME=/usr/lib/spark SPARK_CONF_DIR=/etc/spark/conf
export SPARK_WORKER_DIR=/mnt/spark/work SPARK_LOCAL_DIRS=/mnt/spark/local SPARK_LOG_DIR=/var/log/spark
export PYTHONPATH=/usr/lib/spark/python:$(echo /usr/lib/spark/python/lib/py4j-*-src.zip)
# Not as on EMR, for daemons that live for minutes.
export SPARK_DAEMON_MEMORY=256m SPARK_DAEMON_JAVA_OPTS="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
