import { oneOf, options } from '../../../infra/exporters/option.ts';
import type { CatalogueEntry } from '../../../shared/core/catalogue.ts';

export const entry: CatalogueEntry = {
  name: 'hello',
  about: 'hello_exporter: says one word.',
  ports: 9200,
  roles: ['MASTER'],
  options: options({ word: oneOf(['hello', 'goodbye'], 'What it says.') }),
  parameters: ({ ports, options: { word } }) => ({ Port: String(ports['hello']), Word: String(word) }),
  needs: () => ['program'],
  explain: ({ word }) => `it says ${String(word)}`,
};
