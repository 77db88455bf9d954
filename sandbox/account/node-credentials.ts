/** Of the EMR clusters' instance profile. */
export const NODE_ROLE = 'EMR_EC2_DefaultRole';

/** What the metadata service hands to a node, and the account knows it by: both follow from its id. */
export const nodeCredentials = (instanceId: string) => ({
  accessKeyId: `ASIA${instanceId.replace(/\W/g, '').toUpperCase().slice(-16).padStart(16, '0')}`,
  secretAccessKey: 'the-sandbox-has-no-secrets',
  sessionToken: `session-of-${instanceId}`,
});
