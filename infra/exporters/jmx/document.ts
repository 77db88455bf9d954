import { mode, namedPorts, url } from '../document-parameter.ts';
import type { ExporterDocument } from '../exporter-document.ts';
import { daemons } from './daemons.ts';
import { packFiles } from './pack-files.ts';

export const document: ExporterDocument = {
  parameters: {
    UrlStandalone: url('the jar that runs beside a daemon'),
    UrlAgent: url('the jar that runs inside a daemon'),
    Mode: mode,
    Ports: namedPorts,
  },
  constants: {
    DAEMONS: () => daemons.map(({ name, process, user, prefix }) => [name, process, user, prefix].join(' ')).join('\n'),
    FILES: packFiles,
  },
  uninstallLibraries: ['agent.sh'],
};
