import { adopt, port, url } from '../document-parameter.ts';
import type { ExporterDocument } from '../exporter-document.ts';

export const document: ExporterDocument = {
  parameters: {
    UrlAmd64: url('the release for x86_64'),
    UrlArm64: url('the release for aarch64'),
    Port: port,
    Adopt: adopt,
  },
  constants: { SERVICE: 'prometheus-on-emr-node.service', HARDENING: 'hardening.conf' },
};
