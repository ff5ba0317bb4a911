// What the engine writes into the page (src/loadstone/report/page.cpp). All text is plain text, never markup.

export interface Report {
  title: string;
  subtitle: string;
  command: string; // the command that made the run; may be empty
  header: Fact[]; // shown at once
  details: Detail[]; // folded away
  alerts: Alert[];
  sections: Section[];
}

export type Fact = [label: string, value: string];

export interface Alert {
  kind: 'error' | 'warning';
  title: string;
  items: string[];
}

export type Detail = { title: string } & ({ facts: Fact[] } | { table: Cells } | { text: string });

export interface Section {
  id: string;
  title: string;
  blurb: string;
  items: Item[];
}

export type Item = TableItem | FigureItem;

interface Labelled {
  id: string;
  label: string; // "Table 1"
  title: string;
  caption: string;
}

export interface Cells {
  columns: Column[];
  rows: string[][]; // formatted by the engine
  order?: (number | string | null)[][]; // the same cells as values to sort by; null is missing
}

export interface TableItem extends Labelled, Cells {
  kind: 'table';
  notes: string;
  csv: string; // bytes of tables/<id>.csv
  latex: string; // bytes of tables/<id>.tex
}

export interface FigureItem extends Labelled {
  kind: 'figure';
  spec: Spec; // Vega-Lite
}

export interface Column {
  label: string;
  unit: string;
  group: string; // columns side by side with the same group share a heading: "loadstone", "paper"
  numeric: boolean;
}

export type Spec = Record<string, unknown>;
