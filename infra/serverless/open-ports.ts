import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ingressResources, type PortRange } from '../../scripts/package/build-network.ts';
import { type NetworkParameters, readNetwork } from '../../scripts/package/network-parameters.ts';

/** What this plugin uses of osls (4.3.1). */
interface Osls {
  readonly serviceDir: string;
  readonly service: {
    readonly service: string;
    readonly custom: { readonly network: NetworkParameters };
    readonly provider: { readonly stage: string };
    resources: { Resources?: Readonly<Record<string, object>> };
  };
}

/**
 * Security group rules as resources of the stack. CloudFormation loops over no list without a transform, which would
 * ask whoever deploys for one more right (CAPABILITY_AUTO_EXPAND): so the rules are made here, of what the parameters are.
 */
function openPorts({ serviceDir, service }: Osls) {
  const addRules = async () => {
    const network = readNetwork(service.custom.network);
    if (network === undefined) return;
    const ranges = JSON.parse(await readFile(join(serviceDir, 'build/ports.json'), 'utf8')) as readonly PortRange[];
    const rules = ingressResources(network, ranges, `${service.service}-${service.provider.stage}`);
    service.resources = { ...service.resources, Resources: { ...service.resources.Resources, ...rules } };
  };
  return { hooks: { 'before:package:createDeploymentArtifacts': addRules } };
}

// osls requires its plugins; this export is what `require` answers (Node's name for it).
export { openPorts as 'module.exports' };
