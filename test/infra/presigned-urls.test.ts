import { S3Client } from '@aws-sdk/client-s3';
import { HttpResponse } from '@smithy/core/protocols';
import { RE2JS } from 're2js';
import { describe, expect, test } from 'vitest';
import { readExporters } from '../../infra/exporters/catalogue.ts';
import { s3Artifacts } from '../../shared/aws/s3-artifacts.ts';

/** Every exporter, those that no lock lets out among them, with file names that are long. */
const exporters = (await readExporters()).map(({ entry: { name }, document: { parameters } }) => ({
  name,
  parameters,
  artifacts: Object.fromEntries(
    Object.keys(parameters)
      .filter((parameter) => parameter.startsWith('Url'))
      .map((parameter) => [parameter, `artifacts/${name}/10.11.12/${name}_exporter-10.11.12.linux-arm64.tar.gz`]),
  ),
}));

/** A generated bucket's name, as long as names can be. */
const BUCKET = `prometheus-on-emr-prod-bucket-${'a1'.repeat(16)}z`;

/** As STS makes them: base64, with all three characters that a URL has to escape. Lambda's are 700 to 1,200 long. */
const sessionToken = (length: number): string =>
  `${'IQoJb3JpZ2luX2VjEA+/aCXVzLWVhc3QtMSJHMEUCIQD/'.repeat(40).slice(0, length - 2)}==`;

/** The functions' own adapter and the SDK's own presigner; S3 says that every file is there. */
async function signed(name: string, region: string, token: string): Promise<Readonly<Record<string, string>>> {
  const client = new S3Client({
    region,
    credentials: { accessKeyId: 'ASIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret', sessionToken: token },
    requestHandler: { handle: async () => ({ response: new HttpResponse({ statusCode: 200 }) }) },
  });
  const artifacts = exporters.find((exporter) => exporter.name === name)?.artifacts ?? {};
  const settings = { name, artifacts, version: '10.11.12', revision: '', roles: [], parameters: {} };
  const urls = await s3Artifacts(client, BUCKET, [settings]).urls(name);
  if (urls === undefined) throw new Error(`${name} has no artifacts`);
  return urls;
}

const PLACES = [
  ['us-east-1', 's3.us-east-1.amazonaws.com'],
  ['eu-west-1', 's3.eu-west-1.amazonaws.com'],
  ['cn-north-1', 's3.cn-north-1.amazonaws.com.cn'],
  ['us-gov-west-1', 's3.us-gov-west-1.amazonaws.com'],
] as const;

describe.each(exporters)("the orders' URLs of $name", ({ name, parameters, artifacts }) => {
  test('are one for each file that the document can ask for', async () => {
    const urls = await signed(name, 'eu-west-1', sessionToken(900));
    expect(Object.keys(urls)).toEqual(Object.keys(artifacts));
    expect(urls).not.toEqual({});
  });

  test.each(PLACES)(
    'in %s name the bucket and the Region in the host, as S3 gateway endpoints serve',
    async (region, host) => {
      const hosts = Object.values(await signed(name, region, sessionToken(900))).map((url) => new URL(url).host);
      expect(new Set(hosts)).toEqual(new Set([`${BUCKET}.${host}`]));
    },
  );

  test.each([356, 700, 1200, 1800])(
    'signed in a session whose token has %i characters, fit the parameters of the document',
    async (length) => {
      const token = sessionToken(length);
      for (const [parameter, url] of Object.entries(await signed(name, 'us-gov-west-1', token))) {
        expect(new URL(url).searchParams.get('X-Amz-Security-Token')).toBe(token);
        const { allowedPattern: pattern = '', maxLength = 0 } = parameters[parameter] ?? {};
        expect(pattern).toMatch(/^\^.*\$$/);
        expect(url).toMatch(new RegExp(pattern)); // Java's, at the API
        expect(RE2JS.compile(pattern).matcher(url).find()).toBe(true); // Go's, in the agent
        expect(url.length).toBeLessThanOrEqual(maxLength);
      }
    },
  );
});
