import * as z from 'zod/mini';
import type { CatalogueEntry, ExporterSection, Ports } from '../../../shared/core/catalogue.ts';

interface Shape {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
}

/** What the functions send as fixed parameters: with the defaults, with each other option, and with other ports. */
export function sentValues({
  name,
  ports,
  roles,
  options,
  parameters,
}: CatalogueEntry): readonly (readonly [string, string])[] {
  const standard = options.parse({});
  const shapes = Object.entries((z.toJSONSchema(options).properties ?? {}) as Readonly<Record<string, Shape>>);
  const others = shapes.flatMap(([key, shape]) => valuesOf(shape).map((value) => ({ ...standard, [key]: value })));
  const named: Ports = typeof ports === 'number' ? { [name]: ports } : ports;
  const all = (port: number) => Object.fromEntries(Object.keys(named).map((key) => [key, port]));
  const sections: readonly Pick<ExporterSection, 'ports' | 'options'>[] = [
    ...[standard, ...others].map((given) => ({ ports: named, options: given })),
    ...[all(1024), all(65_535), Object.fromEntries(Object.entries(named).slice(0, 1))].map((given) => ({
      ports: given,
      options: standard,
    })),
  ];
  return sections.flatMap((section) =>
    Object.entries(parameters({ enabled: true, roles, scrapeInterval: '15s', ...section })),
  );
}

function valuesOf({ type, enum: words = [], minimum, maximum }: Shape): readonly unknown[] {
  if (type === 'boolean') return [true, false];
  return [...words, minimum, maximum].filter((value) => value !== undefined);
}
