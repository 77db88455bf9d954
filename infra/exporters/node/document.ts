import { choice, port, url } from '../document-parameter.ts';
import type { ExporterDocument } from '../exporter-document.ts';

export const document: ExporterDocument = {
  libraries: ['../release.sh'],
  parameters: {
    UrlAmd64: url('the release for x86_64'),
    UrlArm64: url('the release for aarch64'),
    Port: port,
    Adopt: choice("true: somebody else's exporter of the same kind on the port becomes the endpoint.", 'true', 'false'),
  },
  constants: { SERVICE: 'prometheus-on-emr-node.service', HARDENING: 'hardening.conf' },
};
