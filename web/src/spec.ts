// Walks through Vega-Lite specifications.
import type { Spec } from './contract';

export type Row = Record<string, unknown>;
export type Encoding = Record<string, Record<string, unknown>>;

// The views a composed or layered specification is made of; none for a single view.
export function parts(spec: Spec): Spec[] {
  const children = ['layer', 'concat', 'hconcat', 'vconcat'].flatMap((key) => (spec[key] as Spec[] | undefined) ?? []);
  return spec['spec'] ? [...children, spec['spec'] as Spec] : children;
}

export const isComposed = (spec: Spec) =>
  ['facet', 'repeat', 'concat', 'hconcat', 'vconcat'].some((key) => key in spec) ||
  ['row', 'column', 'facet'].some((key) => key in ((spec['encoding'] as object | undefined) ?? {}));

// The encoding of the first single view that `wanted` accepts, the channels of its parents included.
export function encodingOf(spec: Spec, wanted: (spec: Spec) => boolean, outer: Encoding = {}): Encoding | undefined {
  const encoding = { ...outer, ...(spec['encoding'] as Encoding | undefined) };
  if (spec['mark'] !== undefined) return wanted(spec) ? encoding : undefined;
  for (const part of parts(spec)) {
    const found = encodingOf(part, wanted, encoding);
    if (found) return found;
  }
  return undefined;
}

export const markOf = (spec: Spec) => {
  const mark = spec['mark'] as string | { type: string } | undefined;
  return typeof mark === 'object' ? mark.type : mark;
};

const isRows = (value: unknown): value is Row[] =>
  Array.isArray(value) && value.length > 0 && value.every((row) => typeof row === 'object' && row !== null);

// Every data set: `data.values` at any depth, and `datasets` by name.
export function dataSets(spec: Spec): [name: string, rows: Row[]][] {
  const data = spec['data'] as { values?: unknown; name?: string } | undefined;
  const named = Object.entries((spec['datasets'] as object | undefined) ?? {});
  const all: [string, unknown][] = [[data?.name ?? '', data?.values], ...named];
  return [...all.filter((set): set is [string, Row[]] => isRows(set[1])), ...parts(spec).flatMap(dataSets)];
}
