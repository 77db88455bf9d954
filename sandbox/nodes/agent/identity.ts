const METADATA = 'http://169.254.169.254';
const TOKEN_SECONDS = 21_600;
const EARLY_MS = 5 * 60_000;

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

/** Who this node is, by the metadata service (version 2) and nothing else. */
export interface Identity {
  readonly instanceId: string;
  readonly region: string;
  readonly availabilityZone: string;
  readonly availabilityZoneId: string;
  credentials(): Promise<Credentials>;
}

export async function ec2Identity(): Promise<Identity> {
  const document = JSON.parse(await metadata('dynamic/instance-identity/document')) as { readonly region: string };
  const [instanceId, availabilityZone, availabilityZoneId] = await Promise.all([
    metadata('meta-data/instance-id'),
    metadata('meta-data/placement/availability-zone'),
    metadata('meta-data/placement/availability-zone-id'),
  ]);
  let held: Credentials | undefined;
  return {
    instanceId,
    region: document.region,
    availabilityZone,
    availabilityZoneId,
    async credentials() {
      if (held === undefined || held.expiration.getTime() - EARLY_MS < Date.now()) held = await roleCredentials();
      return held;
    },
  };
}

async function roleCredentials(): Promise<Credentials> {
  const folder = 'meta-data/iam/security-credentials/';
  const role = (await metadata(folder)).split('\n')[0] ?? '';
  const answer = JSON.parse(await metadata(`${folder}${role}`)) as Readonly<Record<string, string>>;
  const {
    AccessKeyId: accessKeyId = '',
    SecretAccessKey: secretAccessKey = '',
    Token: sessionToken = '',
    Expiration = 0,
  } = answer;
  return { accessKeyId, secretAccessKey, sessionToken, expiration: new Date(Expiration) };
}

async function metadata(path: string): Promise<string> {
  const signal = AbortSignal.timeout(5_000);
  const lifetime = { 'X-aws-ec2-metadata-token-ttl-seconds': `${TOKEN_SECONDS}` };
  const token = await fetch(`${METADATA}/latest/api/token`, { method: 'PUT', headers: lifetime, signal });
  const headers = { 'X-aws-ec2-metadata-token': await token.text() };
  const answer = await fetch(`${METADATA}/latest/${path}`, { headers, signal });
  if (!answer.ok) throw new Error(`metadata service answers ${answer.status} to ${path}`);
  return await answer.text();
}
