// What the pointer tells: over lines, every series' value at the nearest abscissa; over other marks, their own tooltip.
import type { View } from 'vega';
import type { Spec } from './contract';
import { el } from './dom';
import { encodingOf, markOf, type Encoding } from './spec';

interface Channel {
  field?: string;
  type?: string;
  title?: string;
  axis?: { format?: string; title?: string } | null;
}
interface Item {
  x: number;
  y: number;
  width?: number;
  height?: number;
  stroke?: string;
  defined?: boolean;
  datum: Record<string, unknown>;
  items?: Mark[];
}
interface Mark {
  marktype: string;
  items: Item[];
}
interface Point {
  y: number;
  item: Item;
}
interface Panel {
  x: number;
  y: number;
  width: number;
  height: number;
  at: Map<number, Point[]>; // by abscissa in pixels
}

// Panels that hold lines, in the coordinates of the drawing. The groups of single series have their panel's width.
function panels(mark: Mark, x = 0, y = 0, inside?: Panel, found: Panel[] = []): Panel[] {
  for (const item of mark.items) {
    if (mark.marktype === 'group') {
      const [left, top, width, height] = [x + (item.x || 0), y + (item.y || 0), item.width ?? 0, item.height ?? 0];
      const isPanel = width > 0 && height > 0 && inside?.width !== width;
      const panel = isPanel ? { x: left, y: top, width, height, at: new Map() } : inside;
      for (const child of item.items ?? []) panels(child, left, top, panel, found);
    } else if (mark.marktype === 'line' && inside && item.defined !== false && Number.isFinite(item.y)) {
      if (!found.includes(inside)) found.push(inside);
      const abscissa = Math.round((x + item.x) * 100) / 100;
      inside.at.set(abscissa, [...(inside.at.get(abscissa) ?? []), { y: y + item.y, item }]);
    }
  }
  return found;
}

const plain = new Intl.NumberFormat('en', { maximumSignificantDigits: 4 });
const percent = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 2 });

function textOf(value: unknown, channel?: Channel): string {
  if (value === null || value === undefined) return '–';
  if (channel?.type === 'temporal') return new Date(value as number).toISOString().slice(0, 10);
  if (typeof value !== 'number') return String(value);
  return (channel?.axis?.format?.includes('%') ? percent : plain).format(value).replace('-', '−');
}

const nameOf = (channel?: Channel) => channel?.axis?.title ?? channel?.title ?? channel?.field ?? '';

function swatchRow(name: string, value: string, colour?: string): HTMLElement {
  const mark = el('i', {});
  if (colour) mark.style.background = colour;
  return el('tr', {}, el('th', {}, colour !== undefined && mark, name), el('td', {}, value));
}

function place(tip: HTMLElement, box: HTMLElement, x: number, y: number): void {
  tip.hidden = false;
  const right = box.scrollLeft + box.clientWidth;
  const side = x + 14 + tip.offsetWidth > right ? Math.max(0, x - 14 - tip.offsetWidth) : x + 14;
  tip.style.left = `${side}px`;
  tip.style.top = `${Math.max(0, Math.min(y - 12, box.clientHeight - tip.offsetHeight))}px`;
}

// Tooltips of single marks: Vega-Lite gives an object of names and formatted values.
function markTips(view: View, box: HTMLElement, tip: HTMLElement): void {
  view.tooltip((_, event, __, value) => {
    if (value === null || value === undefined || value === '') {
      tip.hidden = true;
      return;
    }
    const rows = typeof value === 'object' ? Object.entries(value as object) : [['', value]];
    tip.replaceChildren(el('table', {}, ...rows.map(([name, text]) => swatchRow(String(name), String(text)))));
    const frame = box.getBoundingClientRect();
    place(tip, box, (event as MouseEvent).clientX - frame.left + box.scrollLeft, (event as MouseEvent).clientY - frame.top);
  });
}

// The values of all series at one abscissa, from top to bottom as they are drawn.
function seriesTable(points: Point[], encoding: Encoding & Record<string, Channel>): HTMLElement {
  const { x, y } = encoding;
  const series = encoding['color'] ?? encoding['strokeDash'] ?? encoding['detail'];
  const value = (item: Item, channel?: Channel) => item.datum[channel?.field ?? ''];
  const first = textOf(value(points[0]!.item, x), x);
  const rows = points
    .toSorted((a, b) => a.y - b.y)
    .slice(0, 20)
    .map(({ item }) =>
      swatchRow(textOf(value(item, series) ?? nameOf(y)), textOf(value(item, y), y), item.stroke ?? ''),
    );
  return el('table', {}, el('caption', {}, x?.type === 'temporal' ? first : `${nameOf(x)} ${first}`), ...rows);
}

function lineTips(view: View, box: HTMLElement, tip: HTMLElement, encoding: Encoding & Record<string, Channel>): void {
  const rule = el('div', { class: 'crosshair', hidden: true });
  box.append(rule);
  let known: Panel[] = [];
  const hide = () => ([rule.hidden, tip.hidden] = [true, true]);
  const show = (event: PointerEvent) => {
    const svg = box.querySelector('svg')!;
    const [frame, outer] = [svg.getBoundingClientRect(), box.getBoundingClientRect()];
    const [left, top] = view.origin();
    const [x, y] = [event.clientX - frame.left - left, event.clientY - frame.top - top];
    const panel = known.find((p) => x >= p.x - 4 && x <= p.x + p.width + 4 && y >= p.y && y <= p.y + p.height);
    if (!panel) return hide();
    const nearest = [...panel.at.keys()].reduce((a, b) => (Math.abs(b - x) < Math.abs(a - x) ? b : a));
    tip.replaceChildren(seriesTable(panel.at.get(nearest)!, encoding));
    const across = frame.left - outer.left + box.scrollLeft + left + nearest;
    rule.hidden = false;
    rule.style.cssText = `left:${across}px;top:${panel.y + top}px;height:${panel.height}px`;
    place(tip, box, across, event.clientY - outer.top);
  };
  const look = () => (known = panels((view.scenegraph() as unknown as { root: Mark }).root));
  box.addEventListener('pointerenter', look);
  box.addEventListener('pointermove', show);
  box.addEventListener('pointerleave', hide);
}

export function addTips(view: View, spec: Spec, box: HTMLElement): void {
  const tip = el('div', { class: 'tip', role: 'status', hidden: true });
  box.append(tip);
  const encoding = encodingOf(spec, (view) => markOf(view) === 'line');
  if (encoding) lineTips(view, box, tip, encoding);
  else markTips(view, box, tip);
}
