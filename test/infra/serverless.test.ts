import { globSync, readFileSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { lockFile, settingsAndDocuments } from '../../scripts/package/package-stack.ts';
import { ConfigError } from '../../shared/core/errors.ts';
import { readConfig } from '../../shared/runtime/config.ts';
import { CONTAINERS } from '../../shared/budget.ts';
import { ofType, resource } from './template.ts';

const { settings, documents } = await settingsAndDocuments(lockFile(process.env));

interface DocumentContent {
  readonly parameters: Readonly<Record<string, { readonly allowedPattern: string }>>;
}
const content = (id: string): DocumentContent => resource(id).Properties['Content'] as DocumentContent;

test('serverless.yml deploys every function in functions/, and nothing else', async () => {
  const yaml = parse(await readFile('serverless.yml', 'utf8'), { logLevel: 'error' }) as {
    readonly functions: Readonly<Record<string, { readonly handler: string }>>;
  };
  const written = (await readdir('functions')).map((file) => basename(file, '.ts')).toSorted();
  expect(Object.keys(yaml.functions).toSorted()).toEqual(written);
  for (const [name, { handler }] of Object.entries(yaml.functions)) expect(handler).toBe(`functions/${name}.handler`);
  expect(
    ofType('AWS::Lambda::Function')
      .map(([, { Properties }]) => String(Properties['FunctionName']))
      .toSorted(),
  ).toEqual(written.map((name) => `prometheus-on-emr-dev-${name}`));
});

describe('the environment', () => {
  /** Which variables readConfig asks for: it asks for all of them before it complains. */
  const read = new Set<string>();
  const asked = new Proxy<Record<string, string>>({}, { get: (_target, name) => void read.add(String(name)) });
  const ofLambda = new Set(['AWS_REGION']);
  const ofPowertools = new Set(['POWERTOOLS_SERVICE_NAME', 'POWERTOOLS_METRICS_NAMESPACE']);

  test('that the code reads is what each function is given, and nothing else is given', () => {
    expect(() => readConfig(asked, settings)).toThrow(ConfigError);
    const wanted = [...read].filter((name) => !ofLambda.has(name)).concat(...ofPowertools);
    for (const [, { Properties }] of ofType('AWS::Lambda::Function')) {
      const { Variables } = Properties['Environment'] as { readonly Variables: object };
      expect(Object.keys(Variables).toSorted()).toEqual(wanted.toSorted());
    }
  });

  test('is read in one place, so that no variable is missed here', () => {
    const readers = globSync('{functions,shared}/**/*.ts').filter((file) =>
      /\benv(?:\[|\.\w)/.test(readFileSync(file, 'utf8').replaceAll('build(process.env)', '')),
    );
    expect(readers).toEqual(['shared/runtime/config.ts']);
  });

  test('names each document by reference, so that code and document always fit together', () => {
    expect(resource('SweepLambdaFunction').Properties['Environment']).toMatchObject({
      Variables: {
        DOCUMENT_NODE_INSTALL: { Ref: 'DocumentNodeInstall' },
        DOCUMENT_NODE_UNINSTALL: { Ref: 'DocumentNodeUninstall' },
      },
    });
  });
});

describe('the shares of EMR’s quotas', () => {
  test('are those of all containers that can run at once: no consumer more than the budget counts', async () => {
    const yaml = parse(await readFile('serverless.yml', 'utf8'), { logLevel: 'error' }) as {
      readonly functions: { readonly 'on-event': { readonly events: readonly [{ readonly sqs: object }] } };
    };
    expect(yaml.functions['on-event'].events[0].sqs).toMatchObject({
      maximumConcurrency: CONTAINERS['on-event'].atOnce,
    });
    for (const [, { Properties }] of ofType('AWS::Lambda::Function')) {
      expect(Properties).not.toHaveProperty('ReservedConcurrentExecutions');
    }
  });

  test.each(['sweep', 'on-event', 'backfill'])('%s takes its own', async (name) => {
    expect(await readFile(`functions/${name}.ts`, 'utf8')).toContain(`createApp(env, '${name}')`);
  });
});

describe('the documents', () => {
  test('of every exporter are deployed, and no others, letter by letter as they were built', () => {
    const built = documents.map(({ exporter, action, content: body, hash }) => ({
      Name: `prometheus-on-emr-dev_${exporter}-${action}-${hash}`,
      DocumentType: 'Command',
      DocumentFormat: 'JSON',
      TargetType: '/AWS::EC2::Instance',
      Content: body,
    }));
    expect(ofType('AWS::SSM::Document').map(([, { Properties }]) => Properties)).toEqual(built);
  });

  describe.each(settings.exporters)('of $name', ({ name, parameters, artifacts }) => {
    const [install, uninstall] = ['Install', 'Uninstall'].map((action) =>
      content(`Document${name.charAt(0).toUpperCase()}${name.slice(1)}${action}`),
    );

    test('take exactly the parameters that the functions send', () => {
      expect(Object.keys(install?.parameters ?? {}).toSorted()).toEqual(
        [...Object.keys(parameters), ...Object.keys(artifacts)].toSorted(),
      );
      expect(uninstall?.parameters).toEqual({});
    });

    test('take the values that the functions send, by patterns that are anchored at both ends', () => {
      const signed =
        'https://prometheus-on-emr-prod-bucket-1a2b3c.s3.eu-west-1.amazonaws.com/artifacts/node/1.12.1/node_exporter-1.12.1.linux-arm64.tar.gz' +
        '?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=ASIA%2F20261122%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Security-Token=' +
        'IQoJb3JpZ2luX2VjE%2B%2F%3D'.repeat(40);
      const urls = Object.fromEntries(Object.keys(artifacts).map((key) => [key, signed]));
      for (const [key, value] of Object.entries({ ...parameters, ...urls })) {
        const { allowedPattern } = install?.parameters[key] ?? { allowedPattern: '' };
        expect(allowedPattern).toMatch(/^\^.*\$$/);
        expect(value).toMatch(new RegExp(allowedPattern));
      }
    });
  });

  test('have names that SSM takes', () => {
    for (const [, { Properties }] of ofType('AWS::SSM::Document')) {
      expect(Properties['Name']).toMatch(/^[a-zA-Z0-9_\-.]{3,128}$/);
    }
  });
});
