import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { InstanceId } from '../../shared/core/model.ts';
import type { Account } from '../account/account.ts';
import { resultLine, scriptedNodes } from '../account/scripted-nodes.ts';
import type { NodeHosts, OnBoot } from './node-hosts.ts';

/** All simulated nodes are on this address, each with a port of its own. */
export const LOOPBACK = '127.0.0.1';

/** In place of systemd nodes: orders get scripted results, and one small metrics server each is what they installed. */
export function simulateNodes({ compute }: Account, onBoot: OnBoot): NodeHosts {
  const ports = new Map<InstanceId, number>();
  const servers = new Map<InstanceId, Server>();
  compute.ec2.watch(({ id, state }) => {
    if (state === 'pending') {
      const begun = Date.now();
      const server = createServer((_request, response) => {
        // Prometheus 3 takes no page that does not say what it is.
        response.setHeader('content-type', 'text/plain; version=0.0.4');
        response.end(`node_uname_info{nodename="${id}"} 1\n`);
      });
      servers.set(id, server);
      server.listen(0, LOOPBACK, () => {
        ports.set(id, (server.address() as AddressInfo).port);
        onBoot(id, Date.now() - begun);
      });
    }
    if (state === 'shutting-down') stop(servers.get(id));
  });
  const scripted = scriptedNodes(compute, {
    script: (command) => ({
      exitCode: 0,
      stdout: resultLine({ ...command, parameters: { Port: String(ports.get(command.node)) } }),
    }),
  });
  return {
    node: () => undefined,
    close() {
      scripted.stop();
      for (const server of servers.values()) stop(server);
      return Promise.resolve();
    },
  };
}

function stop(server: Server | undefined): void {
  server?.close();
  server?.closeAllConnections();
}
