import type { ExporterName } from '../../shared/core/model.ts';
import type { ExporterDocument } from './exporter-document.ts';
import { document as jmx } from './jmx/document.ts';
import { document as node } from './node/document.ts';

/** The documents of every exporter of the catalogue. */
export const exporterDocuments: Readonly<Record<ExporterName, ExporterDocument>> = { jmx, node };
