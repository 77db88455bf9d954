import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';

interface Line {
  readonly level?: string;
  readonly message?: string;
}

/** Two events in one fresh container; Powertools writes to the process's own stdout, so it is a process. */
async function invoke(broken?: string) {
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [fileURLToPath(new URL('./run-handler.ts', import.meta.url))],
    {
      env: {
        STAGE: 'dev',
        POWERTOOLS_SERVICE_NAME: 'sweep',
        POWERTOOLS_METRICS_NAMESPACE: 'PrometheusOnEmr',
        ...(broken && { BROKEN: broken }),
      },
    },
  );
  const lines = `${stdout}${stderr}`.split('\n').filter((line) => line !== ''); // Powertools puts errors on stderr
  const isLogged = (line: string) => line.startsWith('{');
  return {
    said: lines.filter((line) => !isLogged(line)),
    logged: lines.filter(isLogged).map((line) => JSON.parse(line) as Line),
  };
}
const metricsOf = (lines: readonly Line[]) => lines.filter((line) => '_aws' in line);
const withLevel = (lines: readonly Line[], wanted: string) => lines.filter(({ level }) => level === wanted);

describe('a handler that answers', () => {
  let run: Awaited<ReturnType<typeof invoke>>;
  beforeAll(async () => {
    run = await invoke();
  });

  test('builds its app once per container, from the environment', () => {
    expect(run.said).toEqual(['answered dev', 'answered dev']);
    expect(withLevel(run.logged, 'INFO')).toMatchObject([{ built: 1 }, { built: 1 }]);
  });

  test('logs JSON lines with the request and the fields of the decision', () => {
    expect(withLevel(run.logged, 'INFO')[0]).toMatchObject({
      message: 'decided',
      clusterId: 'j-1',
      service: 'sweep',
      function_request_id: 'request-1',
    });
  });

  test('writes its metrics as one EMF line per event and set of dimensions; a gauge says its last value', () => {
    const metrics = metricsOf(run.logged);
    expect(metrics).toHaveLength(4);
    expect(metrics[0]).toMatchObject({
      service: 'sweep',
      OrdersSent: 2,
      SweepLag: 61,
      _aws: emf(
        ['service'],
        [
          { Name: 'OrdersSent', Unit: 'Count' },
          { Name: 'SweepLag', Unit: 'Seconds' },
        ],
      ),
    });
    expect(metrics[1]).toMatchObject({
      exporter: 'node',
      outcome: 'failed',
      OrdersEnded: 1,
      _aws: emf(['service', 'exporter', 'outcome'], [{ Name: 'OrdersEnded', Unit: 'Count' }]),
    });
  });

  test('names the clusters and nodes as properties, and never as dimensions', () => {
    expect(metricsOf(run.logged)[0]).toMatchObject({ clusterId: 'j-A j-B', node: 'i-1' });
    expect(
      JSON.stringify(metricsOf(run.logged).map((line) => (line as Record<string, unknown>)['_aws'])),
    ).not.toContain('clusterId');
  });
});

const emf = (dimensions: readonly string[], Metrics: readonly object[]) => ({
  CloudWatchMetrics: [{ Namespace: 'PrometheusOnEmr', Dimensions: [dimensions], Metrics }],
});

describe('a handler that fails', () => {
  test('logs the error once with its cause, keeps its metrics, and rethrows', async () => {
    const { said, logged } = await invoke('run');
    expect(said).toEqual(['threw Error: no luck', 'threw Error: no luck']);
    expect(withLevel(logged, 'ERROR')).toHaveLength(2);
    expect(withLevel(logged, 'ERROR')[0]).toMatchObject({
      message: 'function failed',
      error: { message: 'no luck', cause: { message: 'ECONNRESET' } },
    });
    expect(metricsOf(logged)).toHaveLength(4);
  });

  test('whose app cannot be built says so, writes no empty metrics, and tries again on the next event', async () => {
    const { said, logged } = await invoke('build');
    expect(said).toHaveLength(2);
    expect(logged).toMatchObject([
      { message: 'function failed', error: { message: 'environment: BUCKET is missing' } },
      { message: 'function failed' },
    ]);
  });
});
