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
interface Panel {
  x: number;
  y: number;
  width: number;
  height: number;
  at: Map<number, { y: number; item: Item }[]>; // by abscissa in pixels
}

// Panels that hold lines, in the coordinates of the drawing.
function panels(mark: Mark, x = 0, y = 0, inside?: Panel, found: Panel[] = []): Panel[] {
  for (const item of mark.items) {
    if (mark.marktype === 'group') {
      const [left, top] = [x + (item.x || 0), y + (item.y || 0)];
      const panel = item.width && item.height && !(inside && item.width === inside.width) ? { x: left, y: top, width: item.width, height: item.height, at: new Map() } : inside;
      for (const child of item.items ?? []) panels(child, left, top, panel, found);
    } else if (mark.marktype === 'line' && inside && item.defined !== false && Number.isFinite(item.y)) {
      if (!found.includes(inside)) found.push(inside);
      const abscissa = Math.round((x + item.x) * 100) / 100;
      const there = inside.at.get(abscissa) ?? [];
      there.push({ y: y + item.y, item });
      inside.at.set(abscissa, there);
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
  const side = x + 14 + tip.offsetWidth > box.clientWidth ? Math.max(0, x - 14 - tip.offsetWidth) : x + 14;
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
    place(tip, box, (event as MouseEvent).clientX - frame.left, (event as MouseEvent).clientY - frame.top);
  });
}

function lineTips(view: View, box: HTMLElement, tip: HTMLElement, encoding: Encoding & Record<string, Channel>): void {
  const rule = el('div', { class: 'crosshair', hidden: true });
  box.append(rule);
  const series = encoding['color'] ?? encoding['strokeDash'] ?? encoding['detail'];
  let known: Panel[] = [];
  const hide = () => ([rule.hidden, tip.hidden] = [true, true]);
  const show = (event: PointerEvent) => {
    const svg = box.querySelector('svg')!;
    const frame = svg.getBoundingClientRect();
    const scale = frame.width / svg.viewBox.baseVal.width;
    const [left, top] = view.origin();
    const [x, y] = [(event.clientX - frame.left) / scale - left, (event.clientY - frame.top) / scale - top];
    const panel = known.find((p) => x >= p.x - 4 && x <= p.x + p.width + 4 && y >= p.y && y <= p.y + p.height);
    if (!panel) return hide();
    const nearest = [...panel.at.keys()].reduce((a, b) => (Math.abs(b - x) < Math.abs(a - x) ? b : a));
    const points = panel.at.get(nearest)!.toSorted((a, b) => a.y - b.y).slice(0, 20);
    const caption = textOf(points[0]!.item.datum[encoding['x']?.field ?? ''], encoding['x']);
    const rows = points.map(({ item }) => swatchRow(textOf(item.datum[series?.field ?? ''] ?? nameOf(encoding['y'])), textOf(item.datum[encoding['y']?.field ?? ''], encoding['y']), item.stroke ?? ''));
    tip.replaceChildren(el('table', {}, el('caption', {}, `${encoding['x']?.type === 'temporal' ? '' : `${nameOf(encoding['x'])} `}${caption}`), ...rows));
    const offset = svg.getBoundingClientRect().left - box.getBoundingClientRect().left;
    rule.hidden = false;
    rule.style.cssText = `left:${offset + (nearest + left) * scale}px;top:${(panel.y + top) * scale}px;height:${panel.height * scale}px`;
    place(tip, box, offset + (nearest + left) * scale, event.clientY - box.getBoundingClientRect().top);
  };
  box.addEventListener('pointerenter', () => (known = panels((view.scenegraph() as unknown as { root: Mark }).root)));
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
