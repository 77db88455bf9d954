import { choice, port, url } from '../../../infra/exporters/document-parameter.ts';
import type { ExporterDocument } from '../../../infra/exporters/exporter-document.ts';

export const document: ExporterDocument = {
  parameters: { UrlProgram: url('the program'), Port: port, Word: choice('What it says.', 'hello', 'goodbye') },
  constants: { SOCKET: 'prometheus-on-emr-hello.socket', SERVICE: 'prometheus-on-emr-hello@.service' },
};
