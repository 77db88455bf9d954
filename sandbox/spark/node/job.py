"""job.py INPUT OUTPUT FOLDER: work of every kind that Spark has metrics of, in some twenty seconds.

Once all of it is done, FOLDER/ready holds the application's id, and nothing runs any more while its streams are still
there; the job ends when FOLDER/end exists.
"""
import os
import sys
import time

from pyspark import StorageLevel
from pyspark.sql import SparkSession, functions as f
from pyspark.streaming import StreamingContext

source, output, folder = sys.argv[1:]
spark = (
    SparkSession.builder.appName("visits (nightly v1.2)")
    # A sorter gives its memory up after so many records: else this job would need more of them to spill.
    .config("spark.shuffle.spill.numElementsForceSpillThreshold", 20_000)
    .getOrCreate()
)
app = spark.sparkContext.applicationId
target = f"file://{output}/{app}"
visits = spark.read.schema("second long, page string").csv(f"file://{source}")

# Tasks that have to wait for each other: dynamic allocation asks for a second executor.
executors = spark.sparkContext._jsc.sc().getExecutorMemoryStatus
while executors().size() < 3:  # the driver is one of them
    spark.range(0, 4, 1, 4).select(f.expr("java_method('java.lang.Thread', 'sleep', 500L)")).collect()

# Shuffle, cache, output.
pages = visits.repartition(4).cache()
pages.groupBy("page").agg(f.count("*").alias("visits"), f.avg("second").alias("middle")).write.csv(f"{target}/pages")

# Spill.
spark.conf.set("spark.sql.shuffle.partitions", 2)
big = spark.range(0, 200_000, 1, 4).select((f.col("id") * 7919 % 200_003).alias("key"), f.lit("x" * 40).alias("text"))
big.sort("key").write.parquet(f"{target}/sorted")

# Megabytes of blocks that do not compress, in memory and on disk: Spark tells whole ones, and one executor has half of them.
for level in StorageLevel.MEMORY_ONLY, StorageLevel.DISK_ONLY:
    spark.range(0, 400_000, 1, 4).select(f.rand(8 if level.useMemory else 7)).persist(level).count()

# Tasks that fail, and with them a job.
try:
    spark.range(0, 4, 1, 4).select(f.when(f.col("id") == 3, f.raise_error(f.lit("meant to fail"))).otherwise(0)).collect()
    sys.exit("the failing job did not fail")
except Exception as error:
    if "meant to fail" not in str(error):
        raise

# A streaming query with state, one file a batch, and a DStream.
stream = spark.readStream.schema("second long, page string").option("maxFilesPerTrigger", 1).csv(f"file://{source}")
query = (
    stream.withColumn("at", f.timestamp_seconds("second"))
    .withWatermark("at", "10 minutes")
    .groupBy(f.window("at", "5 minutes"), "page")
    .count()
    .writeStream.queryName("visits per minute").outputMode("update").format("noop")
    .option("checkpointLocation", f"{target}/checkpoint")
    .start()
)
query.processAllAvailable()
old = StreamingContext(spark.sparkContext, 2)
old.textFileStream(f"file://{source}").foreachRDD(lambda _: None)
old.start()
old.awaitTerminationOrTimeout(5)

with open(f"{folder}/draft", "w") as draft:
    draft.write(app)
os.rename(f"{folder}/draft", f"{folder}/ready")
while not os.path.exists(f"{folder}/end"):
    time.sleep(0.2)
old.stop(stopSparkContext=False)
query.stop()
spark.stop()
