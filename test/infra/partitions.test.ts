import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { templateText } from './template.ts';

/**
 * China and GovCloud have other partitions and, China, another DNS suffix. A service principal is a name, not a host:
 * it is spelled alike everywhere (IAM, "AWS service principals"), and allowed where one is meant.
 */
const PRINCIPAL = /(?:"?(?:Principal|Service)"?: ?\{? ?(?:"?Service"?: ?)?)"?[a-z]+\.amazonaws\.com\b/g;
const LITERAL = /arn:aws(?!\$)[a-z-]*:|amazonaws|\.aws\b(?!\/)|api\.aws/;

const without = (text: string): string => text.replaceAll(PRINCIPAL, '');
const sources = globSync([
  '{functions,shared}/**/*.ts',
  'infra/{exporters,resources,serverless}/**/*.{ts,sh,yml,conf,service}',
  'scripts/package/build-*.ts',
  'serverless.yml',
]).toSorted();

test('the packaged template names no partition and no DNS suffix', () => {
  expect(LITERAL.exec(without(templateText))?.[0]).toBeUndefined();
});

test('neither do the functions, the documents, the resource files and what builds them', () => {
  expect(sources.length).toBeGreaterThan(100);
  const found = sources.filter((file) => LITERAL.test(without(readFileSync(file, 'utf8'))));
  expect(found).toEqual([]);
});

describe('such a name is found', () => {
  test.each([
    'arn:aws:s3:::bucket',
    'arn:aws-cn:s3:::bucket',
    'https://bucket.s3.eu-west-1.amazonaws.com/key',
    'sqs.us-east-1.api.aws',
    'Resource: events.amazonaws.com',
  ])('in %s', (text) => {
    expect(without(text)).toMatch(LITERAL);
  });

  test.each([
    'arn:${AWS::Partition}:s3:::bucket',
    'Principal: { Service: events.amazonaws.com }',
    '"Service": "lambda.amazonaws.com"',
  ])('but not in %s', (text) => {
    expect(without(text)).not.toMatch(LITERAL);
  });
});
