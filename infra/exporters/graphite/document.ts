import { choice, port, url } from '../document-parameter.ts';
import type { ExporterDocument } from '../exporter-document.ts';
import { packFiles } from '../pack-files.ts';
import { sinkRegex } from './paths/sink-regex.ts';

export const document: ExporterDocument = {
  libraries: ['../release.sh'],
  parameters: {
    UrlAmd64: url('the release for x86_64'),
    UrlArm64: url('the release for aarch64'),
    Port: port,
    Tier: choice('Which metrics: essential, or full.', 'essential', 'full'),
    Applications: choice('true: the master tells the names of applications.', 'true', 'false'),
  },
  constants: {
    REGEX_ESSENTIAL: () => sinkRegex.essential,
    REGEX_FULL: () => sinkRegex.full,
    FILES: packFiles(
      /^(?:mapping\..*\.yml|watch\.sh|spark\.sh|application.*\.sh|.*\.service|.*\.conf)$/,
      '../guarded-block.sh',
    ),
  },
  uninstallLibraries: ['../guarded-block.sh', 'spark.sh', 'applications.sh'],
};
