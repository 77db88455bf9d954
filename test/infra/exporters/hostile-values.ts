/** Values that would run, read or break something if they ever reached the script as text. */
export const HOSTILE: Readonly<Record<string, string>> = {
  'a double quote': 'https://x/"; touch /canary; "',
  'a single quote': "https://x/'; touch /canary; '",
  'a command substitution': 'https://x/$(touch /canary)',
  backticks: 'https://x/`touch /canary`',
  'a variable': 'https://x/$HOME',
  'a newline': 'https://x/a\ntouch /canary',
  'a trailing newline': 'https://x/a\n',
  'a carriage return': 'https://x/a\rb',
  'a backslash': 'https://x/\\',
  'a space': 'https://x/ touch /canary',
  'a semicolon': 'https://x/;touch /canary',
  'a pipe': 'https://x/|sh',
  'another parameter': 'https://x/{{ Port }}',
  'a prefix': 'touch /canary https://x/',
  'plain http': 'http://x/',
  'a local file': 'file:///etc/shadow',
  'a port and a command': '9100; touch /canary',
  'a command and a port': 'touch /canary; 9100',
  'a word and a command': 'true; touch /canary',
  nothing: '',
  'a letter beyond ASCII': 'https://x/é',
};

/** As the SDK presigns with a Lambda's session token: 1,100 to 1,700 characters. */
export function presignedUrl(base: string, token = 'IQoJb3JpZ2luX2VjE%2F%2F%2F%2B'.repeat(40)): string {
  const query = [
    'X-Amz-Algorithm=AWS4-HMAC-SHA256',
    'X-Amz-Content-Sha256=UNSIGNED-PAYLOAD',
    'X-Amz-Credential=ASIAIOSFODNN7EXAMPLE%2F20261122%2Fus-east-1%2Fs3%2Faws4_request',
    'X-Amz-Date=20261122T160000Z',
    'X-Amz-Expires=3600',
    `X-Amz-Security-Token=${token}`,
    'X-Amz-Signature=fe5f80f77d5fa3beca038a248ff027d0445342fe2855ddc963176630326f1024',
    'X-Amz-SignedHeaders=host',
    'x-amz-checksum-mode=ENABLED',
    'x-id=GetObject',
  ].join('&');
  return `${base}?${query}`;
}
