import { area, counter, leftOut, otherStatistics, timed, type Area } from './table.ts';

export const hiveCatalog: Area = area('Hive catalog', {
  of: 'process',
  source: 'HiveExternalCatalog',
  metrics: [
    counter('spark_hive_client_calls_total', 'hiveClientCalls.count', 'none', "Calls of the metastore's client."),
    counter(
      'spark_hive_fetched_partitions_total',
      'partitionsFetched.count',
      'none',
      'Partitions fetched from the metastore.',
    ),
    counter('spark_hive_discovered_files_total', 'filesDiscovered.count', 'none', 'Files found by listing.'),
    counter('spark_hive_file_cache_hits_total', 'fileCacheHits.count', 'none', 'Files found in the cache instead.'),
    counter('spark_hive_parallel_listing_jobs_total', 'parallelListingJobCount.count', 'none', 'Jobs that list files.'),
  ],
});

export const codeGenerator: Area = area('Code generator', {
  of: 'process',
  source: 'CodeGenerator',
  metrics: timed(
    'spark_codegen_compilation_seconds',
    'compilationTime',
    'spark_codegen_compilations_total',
    'Compilations of generated code',
  ),
  leftOut: [
    otherStatistics('compilationTime'),
    leftOut(
      'generatedClassSize.* generatedMethodSize.* sourceCodeSize.*',
      'for those who develop Spark',
      'CodeGenerator[.](generated|source)',
    ),
  ],
});
