import { cacheFolder } from '../../scripts/cache-folder.ts';
import { body, type ArtifactServer } from './artifact-server.ts';
import { jmxLock, jmxRelease, type JmxRelease } from './jmx-jars.ts';
import type { DocumentRun } from './run-document.ts';

export interface JmxOrders {
  /** The release of the lock, with the parameters of an order; those that are not given are its defaults. */
  install(parameters?: Readonly<Record<string, string>>, release?: JmxRelease): DocumentRun;
  readonly uninstall: DocumentRun;
  readonly release: JmxRelease;
}

/** Orders for the documents of jmx, with artifacts as the functions presign them. */
export async function jmxOrders(server: ArtifactServer): Promise<JmxOrders> {
  const shipped = await jmxRelease(cacheFolder(process.env));
  const lock = jmxLock(shipped);
  return {
    release: shipped,
    install(parameters = {}, release = shipped) {
      const UrlStandalone = server.on(`/standalone-${release.version}`, body(release.jars.standalone));
      const UrlAgent = server.on(`/agent-${release.version}`, body(release.jars.agent));
      return {
        lock: jmxLock(release),
        exporter: 'jmx',
        parameters: { UrlStandalone, UrlAgent, Mode: 'connector', Ports: 'namenode=17101', ...parameters },
      };
    },
    uninstall: { lock, exporter: 'jmx', action: 'uninstall' },
  };
}
