import { expect, test } from 'vitest';
import { metadataService } from '../../../sandbox/nodes/imds/metadata.ts';

const node = (address: string) => ({
  instanceId: `i-${address.split('.')[3]}`,
  hostname: 'n',
  address,
  region: 'ap-southeast-2',
  availabilityZone: 'ap-southeast-2a',
  accountId: '123456789012',
  instanceType: 'm5.xlarge',
});
const now = new Date('2026-11-22T00:00:00Z');
const later = (seconds: number) => new Date(now.getTime() + seconds * 1000);
const one = node('10.42.0.11');

function session(ttl: string | undefined, at = one) {
  const service = metadataService();
  const headers = ttl === undefined ? {} : { 'x-aws-ec2-metadata-token-ttl-seconds': ttl };
  const put = service({ method: 'PUT', path: '/latest/api/token', headers, node: at, now });
  const get = (path: string, { from = one, when = now } = {}) =>
    service({
      method: 'GET',
      path: `/latest/${path}`,
      headers: { 'x-aws-ec2-metadata-token': put.body },
      node: from,
      now: when,
    });
  return { put, get };
}

test('a token answers with its time to live, and opens the rest for that long', () => {
  const { put, get } = session('60');
  expect(put).toMatchObject({ status: 200, headers: { 'X-Aws-Ec2-Metadata-Token-Ttl-Seconds': '60' } });
  expect(get('meta-data/instance-id', { when: later(59) })).toEqual({ status: 200, body: 'i-11' });
  expect(get('meta-data/instance-id', { when: later(60) }).status).toBe(401);
});

test.each(['0', '21601', 'long', undefined])('a token with a time to live of %s is refused', (ttl) => {
  expect(session(ttl).put.status).toBe(400);
});

test("another node's token opens nothing", () => {
  expect(session('60').get('meta-data/instance-id', { from: node('10.42.0.12') }).status).toBe(401);
});

test('without a token nothing is answered', () => {
  expect(
    metadataService()({ method: 'GET', path: '/latest/meta-data/instance-id', headers: {}, node: one, now }).status,
  ).toBe(401);
});

test('the paths of the agent are there, and the optional one is 404', () => {
  const { get } = session('60');
  expect(JSON.parse(get('dynamic/instance-identity/document').body)).toMatchObject({
    region: 'ap-southeast-2',
    instanceId: 'i-11',
  });
  expect(get('meta-data/placement/availability-zone').body).toBe('ap-southeast-2a');
  expect(get('meta-data/placement/availability-zone-id').body).toBe('apse2-az1');
  const role = get('meta-data/iam/security-credentials/').body;
  expect(JSON.parse(get(`meta-data/iam/security-credentials/${role}`).body)).toMatchObject({
    Code: 'Success',
    AccessKeyId: expect.stringMatching(/^ASIA\w{16}$/),
    Token: 'session-of-i-11',
    Expiration: '2026-11-22T06:00:00.000Z',
  });
  expect(get('meta-data/identity-credentials/ec2/security-credentials/ec2-instance').status).toBe(404);
});
