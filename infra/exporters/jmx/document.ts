import { choice, url, type DocumentParameter } from '../document-parameter.ts';
import type { ExporterDocument } from '../exporter-document.ts';
import { packFiles } from '../pack-files.ts';
import { daemons } from './daemons.ts';
import { checkCommitted } from './rules/check-committed.ts';

/** `a=1024,b=1025`: which daemons, and where their exporters answer. */
const ports: DocumentParameter = {
  description: 'Ports that Prometheus scrapes, each by the name of what is scraped there.',
  allowedPattern: '^[a-z0-9-]+=[1-9][0-9]{3,4}(,[a-z0-9-]+=[1-9][0-9]{3,4})*$',
  maxLength: 1024,
};

const pack = packFiles(/^(?:rules\/.*\.yml|(?!(?:un)?install\.).*\.sh|.*\.service|.*\.conf)$/);

export const document: ExporterDocument = {
  parameters: {
    UrlStandalone: url('the jar that runs beside a daemon'),
    UrlAgent: url('the jar that runs inside a daemon'),
    Mode: choice('connector: beside each daemon. agent: inside it, from its own next start on.', 'connector', 'agent'),
    Ports: ports,
  },
  constants: {
    DAEMONS: () => daemons.map(({ name, process, user, prefix }) => [name, process, user, prefix].join(' ')).join('\n'),
    FILES: async (folder) => {
      await checkCommitted(new URL('rules/', folder));
      return await pack(folder);
    },
  },
  uninstallLibraries: ['agent.sh'],
};
