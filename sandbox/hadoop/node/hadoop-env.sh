# As on EMR (its hadoop-env.sh is written by Puppet), with heaps for five daemons in 1.2 GB.
export JAVA_HOME=/usr/lib/jvm/java-17-openjdk
export HADOOP_HEAPSIZE=128
export HADOOP_CLASSPATH="$HADOOP_CLASSPATH:/usr/lib/hadoop-lzo/lib/*"

export HADOOP_OPTS="$HADOOP_OPTS -server -XX:+ExitOnOutOfMemoryError"
# Not as on EMR: half the processor time until all five are up, for daemons that live for minutes.
export HADOOP_OPTS="$HADOOP_OPTS -XX:TieredStopAtLevel=1"
export HADOOP_NAMENODE_HEAPSIZE=256
export HADOOP_DATANODE_HEAPSIZE=256
