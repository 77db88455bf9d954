/** The world's metadata service: one process on 169.254.169.254, that knows the nodes by the files bootNode writes. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { METADATA_ADDRESS, type NodeIdentity, REGISTRY_FOLDER } from '../world.ts';
import { metadataService } from './metadata.ts';

const answer = metadataService();

const server = createServer((request, response) => {
  const { method = 'GET', url = '/', headers } = request;
  const node = nodeAt(request.socket.remoteAddress ?? '');
  const { status, body, headers: more } = answer({ method, path: url, headers, node, now: new Date() });
  response.writeHead(status, { 'Content-Type': 'text/plain', ...more }).end(body);
});
server.listen(80, METADATA_ADDRESS, () => console.log('listening'));

function nodeAt(address: string): NodeIdentity | undefined {
  try {
    return JSON.parse(readFileSync(`${REGISTRY_FOLDER}/${address}.json`, 'utf8')) as NodeIdentity;
  } catch {
    return undefined; // not a node
  }
}
