// Figures: Vega-Lite specifications, compiled and drawn as SVG in the page, without eval and without a loader.
import { parse, View, Warn } from 'vega';
import { expressionInterpreter } from 'vega-interpreter';
import { compile, type TopLevelSpec } from 'vega-lite';
import { category, diverging, faint, ink, line, ramp, soft } from './colours';
import type { FigureItem, Spec } from './contract';
import { button, el } from './dom';
import { download, toCsv } from './files';
import { addTips } from './hover';
import { dataSets, encodingOf, isComposed, type Encoding } from './spec';

const font = 'system-ui, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif';

// Legend columns that hold the longest name of the series.
function legendColumns(item: FigureItem, width: number): number {
  const field = encodingOf(item.spec, () => true)?.['color']?.['field'] as string | undefined;
  if (!field) return 1;
  const names = new Set(dataSets(item.spec).flatMap(([, rows]) => rows.map((row) => String(row[field] ?? ''))));
  const longest = Math.min(190, 6.3 * Math.max(0, ...[...names].map((name) => name.length)));
  return Math.max(1, Math.min(names.size, Math.floor(width / (longest + 46))));
}

function style(width: number, columns: number): Spec {
  return {
    font,
    aria: false, // the figure has a name of its own; one for each point would cost more than the drawing
    background: null,
    padding: 2,
    mark: { tooltip: { content: 'encoding' }, color: category[0] },
    line: { strokeWidth: 1.6, tooltip: null },
    rule: { color: soft },
    text: { color: ink, fontSize: 11 },
    bar: { cornerRadiusEnd: 1 },
    axis: {
      labelColor: soft,
      titleColor: ink,
      domainColor: line,
      tickColor: line,
      gridColor: faint,
      tickSize: 4,
      labelFontSize: 11,
      titleFontSize: 11.5,
      titleFontWeight: 'normal',
      titlePadding: 8,
      labelPadding: 4,
      labelOverlap: true,
      labelSeparation: 8,
    },
    axisX: { grid: false },
    axisTemporal: { tickCount: Math.max(3, Math.round(width / 90)), format: '%b %Y' },
    axisBand: { labelOverlap: false, grid: false, domain: false, ticks: false },
    axisY: { domain: false, ticks: false },
    legend: {
      orient: 'top',
      columns,
      title: null,
      labelColor: ink,
      titleColor: ink,
      labelFontSize: 11,
      labelLimit: 190,
      symbolType: 'stroke',
      symbolStrokeWidth: 3,
      symbolOpacity: 1,
      symbolSize: 160,
      columnPadding: 14,
      offset: 10,
    },
    header: { labelColor: ink, titleColor: ink, labelFontSize: 12, labelFontWeight: 600 },
    title: { color: ink, subtitleColor: soft },
    view: { stroke: null, continuousHeight: 300, continuousWidth: 420, discreteHeight: { step: 22 } },
    range: { category, diverging, heatmap: ramp, ramp, ordinal: ramp },
  };
}

// Defaults of scales. A day without time is the same day everywhere, so temporal scales run in UTC; colours in between
// are mixed in Lab, so that no third hue shows.
function withScales(value: unknown, key = ''): void {
  if (typeof value !== 'object' || value === null) return;
  const node = value as Record<string, unknown>;
  const preset = (scale: object) => (node['scale'] = { ...scale, ...(node['scale'] as object | undefined) });
  if ('field' in node && node['scale'] !== null) {
    if (node['type'] === 'temporal') preset({ type: 'utc' });
    if (node['type'] === 'quantitative' && key === 'color') preset({ interpolate: 'lab' });
  }
  for (const [name, child] of Object.entries(node)) withScales(child, name);
}

// The order of series as their scale's domain: a `sort` would compare every row with every name.
function orderSeries(spec: Spec, original: Spec): void {
  const channel = (spec['encoding'] as Encoding | undefined)?.['color'];
  const { field, sort } = (channel ?? {}) as { field?: string; sort?: unknown };
  if (!channel || !field || !Array.isArray(sort) || channel['scale'] !== undefined) return;
  const there = new Set(dataSets(original).flatMap(([, rows]) => rows.map((row) => row[field])));
  if (![...there].every((name) => sort.includes(name))) return;
  channel['scale'] = { domain: sort.filter((name) => there.has(name)) };
  delete channel['sort'];
}

// Cells of a heat map stay wide enough for a number; the figure's box scrolls where the page is narrower.
function leastWidth(spec: Spec): number {
  const x = encodingOf(spec, () => true)?.['x'];
  if (isComposed(spec) || (x?.['type'] !== 'nominal' && x?.['type'] !== 'ordinal')) return 0;
  const names = new Set(dataSets(spec).flatMap(([, rows]) => rows.map((row) => row[x['field'] as string])));
  return 130 + 34 * Math.min(names.size, 40);
}

function prepared(original: Spec): Spec {
  const { data, datasets, ...rest } = original;
  const spec = structuredClone(rest);
  withScales(spec);
  orderSeries(spec, original);
  if (!isComposed(spec)) spec['width'] ??= 'container';
  return { ...spec, ...(data ? { data } : {}), ...(datasets ? { datasets } : {}) };
}

const isComplete = (spec: Spec) =>
  !JSON.stringify({ ...spec, data: 0, datasets: 0 }).includes('"transform"') &&
  dataSets(spec).every(([, rows]) => rows.every((row) => Object.values(row).every((value) => value !== null)));

// Vega-Lite tests every point of a line for missing values, which is half of the drawing. Where nothing is missing the
// tests are left out.
function withoutTests(marks: Spec[]): void {
  for (const mark of marks) {
    delete ((mark['encode'] as Spec | undefined)?.['update'] as Spec | undefined)?.['defined'];
    withoutTests((mark['marks'] as Spec[] | undefined) ?? []);
  }
}

// Vega-Lite warns when it fits the width of a figure whose height follows from its rows, which is what is wanted.
const warnings = {
  level: () => warnings,
  error: (...text: unknown[]) => (console.error(...text), warnings),
  warn: (...text: unknown[]) => (String(text[0]).startsWith('Dropping "fit-y"') || console.warn(...text), warnings),
  info: () => warnings,
  debug: () => warnings,
};

// A report loads nothing and links to nothing; `refused` keeps what a specification asked for.
function refuseAll(refused: string[]) {
  const refuse = (address: unknown) => {
    refused.push(String(address));
    return Promise.reject(new Error('a report loads nothing'));
  };
  return { options: {}, load: refuse, sanitize: refuse, http: refuse, file: refuse };
}

async function draw(item: FigureItem, box: HTMLElement): Promise<View> {
  const plot = el('div', { class: 'plot' });
  plot.style.minWidth = `${leastWidth(item.spec)}px`;
  box.replaceChildren(plot);
  const spec = prepared(item.spec);
  const config = style(plot.clientWidth, legendColumns(item, plot.clientWidth));
  const { spec: compiled } = compile(spec as unknown as TopLevelSpec, { config, logger: warnings } as never);
  if (isComplete(item.spec)) withoutTests((compiled.marks ?? []) as unknown as Spec[]);
  const runtime = parse(compiled, undefined, { ast: true });
  const refused: string[] = [];
  const view = new View(runtime, {
    container: plot,
    renderer: 'svg',
    hover: true,
    logLevel: Warn,
    loader: refuseAll(refused) as never,
    expr: expressionInterpreter,
  } as never);
  addTips(view, spec, box); // before the first run: a new tooltip handler empties the drawing
  await view.runAsync();
  if (refused.length > 0) throw new Error(`a report loads nothing, and the figure asks for ${refused[0]}`);
  const svg = plot.querySelector('svg')!;
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', `${item.label}. ${item.title}. ${item.caption}`);
  return view;
}

export interface Drawable {
  element: HTMLElement;
  draw: () => Promise<void>;
}

export function figureItem(item: FigureItem): Drawable {
  const name = `${item.label}, ${item.title}`;
  const box = el('div', { class: 'scroll drawing', tabindex: 0, role: 'region', 'aria-label': name, 'aria-busy': true });
  const sets = dataSets(item.spec);
  const tools = el('div', { class: 'tools' });
  for (const [set, rows] of sets) {
    const stem = sets.length > 1 && set ? `${item.id}-${set}` : item.id;
    const text = sets.length > 1 && set ? `CSV: ${set}` : 'CSV';
    tools.append(button(text, `Download the data of ${name} as CSV`, () => download(`${stem}.csv`, 'text/csv', toCsv(rows))));
  }
  const element = el(
    'figure',
    { class: 'item chart', id: `figure-${item.id}`, 'aria-labelledby': `figure-${item.id}-title` },
    el(
      'figcaption',
      {},
      el('h3', { id: `figure-${item.id}-title` }, el('span', { class: 'label' }, item.label), ' ', item.title),
      item.caption !== '' && el('p', {}, item.caption),
    ),
    box,
    tools,
  );
  const drawNow = async () => {
    try {
      const view = await draw(item, box);
      const save = () => void view.toSVG().then((svg) => download(`${item.id}.svg`, 'image/svg+xml', svg));
      tools.append(button('SVG', `Download ${name} as SVG`, save));
    } catch (error) {
      box.replaceChildren(el('p', { class: 'failed', role: 'alert' }, `This figure could not be drawn: ${(error as Error).message}`));
      console.error(`${name}:`, error);
    }
    box.removeAttribute('aria-busy');
  };
  return { element, draw: drawNow };
}
