// Tables: the engine has formatted every cell; the page lays them out and sorts them.
import type { Cells, Column, TableItem } from './contract';
import { button, el } from './dom';
import { copyButton, download } from './files';

type Value = number | string | null;

// Missing values come last in either direction.
function compare(a: Value, b: Value, sign: number): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  if (typeof a === 'number' && typeof b === 'number') return sign * (a - b);
  return sign * String(a).localeCompare(String(b), 'en', { numeric: true });
}

// Runs of columns with the same group: [group, first column, number of columns].
function groupRuns(columns: Column[]): [string, number, number][] {
  const runs: [string, number, number][] = [];
  columns.forEach((column, i) => {
    const last = runs.at(-1);
    if (last && last[0] === column.group) last[2] += 1;
    else runs.push([column.group, i, 1]);
  });
  return runs;
}

function heading(column: Column, sort?: () => void): HTMLTableCellElement {
  const text = [column.label, column.unit ? el('span', { class: 'unit' }, column.unit) : undefined] as const;
  const cell = el('th', { scope: 'col', class: column.numeric ? 'number' : 'text' });
  if (!sort) {
    cell.append(...text.filter((part) => part !== undefined));
    return cell;
  }
  const control = el('button', { type: 'button', class: 'sort' }, ...text);
  control.addEventListener('click', sort);
  cell.append(control);
  return cell;
}

function bodyRow(columns: Column[], cells: string[], starts: Set<number>): HTMLTableRowElement {
  return el(
    'tr',
    {},
    ...cells.map((text, i) => {
      const column = columns[i]!;
      const kind = `${column.numeric ? 'number' : 'text'}${starts.has(i) ? ' group-start' : ''}`;
      return i === 0 && !column.numeric ? el('th', { scope: 'row', class: kind }, text) : el('td', { class: kind }, text);
    }),
  );
}

// The <table> alone. Sortable where the engine gave values to sort by: ascending, descending, as published.
export function grid({ columns, rows, order }: Cells): HTMLTableElement {
  const runs = groupRuns(columns);
  const starts = new Set(runs.filter(([group, first]) => first > 0 && group !== '').map(([, first]) => first));
  const elements = rows.map((cells) => bodyRow(columns, cells, starts));
  const body = el('tbody', {}, ...elements);
  let sorted = -1;
  let sign = 0;
  const sortBy = (column: number) => {
    sign = sorted !== column ? 1 : sign === 1 ? -1 : sign === -1 ? 0 : 1;
    sorted = column;
    const index = elements.map((_, i) => i);
    if (sign !== 0) index.sort((a, b) => compare(order![a]![column]!, order![b]![column]!, sign));
    body.replaceChildren(...index.map((i) => elements[i]!));
    headings.forEach((cell, i) => {
      if (i === column && sign !== 0) cell.setAttribute('aria-sort', sign > 0 ? 'ascending' : 'descending');
      else cell.removeAttribute('aria-sort');
    });
  };
  const headings = columns.map((column, i) => heading(column, order && rows.length > 1 ? () => sortBy(i) : undefined));
  headings.forEach((cell, i) => starts.has(i) && cell.classList.add('group-start'));
  const head = el('thead', {});
  if (columns.some((column) => column.group)) {
    const cells = runs.map(([group, first, span]) =>
      group
        ? el(
            'th',
            { scope: 'colgroup', colspan: span, class: starts.has(first) ? 'group group-start' : 'group' },
            el('span', {}, group),
          )
        : el('td', { colspan: span }),
    );
    head.append(el('tr', { class: 'groups' }, ...cells));
  }
  head.append(el('tr', {}, ...headings));
  return el('table', {}, head, body);
}

// Text for a spreadsheet: the CSV's own numbers, tabs between cells.
function toTabs(item: TableItem): string {
  const lines = [item.columns.map((c) => [c.group, c.label, c.unit].filter(Boolean).join(' '))];
  item.rows.forEach((cells, r) => lines.push(cells.map((text, c) => (item.order ? String(item.order[r]![c] ?? '') : text))));
  return lines.map((line) => line.map((text) => text.replace(/[\t\n]/g, ' ')).join('\t')).join('\n') + '\n';
}

export function tableItem(item: TableItem): HTMLElement {
  const name = `${item.label}, ${item.title}`;
  const file = (type: string, extension: string, content: string) => () => download(`${item.id}.${extension}`, type, content);
  return el(
    'figure',
    { class: 'item table', id: `table-${item.id}`, 'aria-labelledby': `table-${item.id}-title` },
    el(
      'figcaption',
      {},
      el('h3', { id: `table-${item.id}-title` }, el('span', { class: 'label' }, item.label), ' ', item.title),
      item.caption !== '' && el('p', {}, item.caption),
    ),
    el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': name }, grid(item)),
    item.notes !== '' && el('p', { class: 'notes' }, el('b', {}, 'Notes. '), item.notes),
    el(
      'div',
      { class: 'tools' },
      button('CSV', `Download ${name} as CSV`, file('text/csv', 'csv', item.csv)),
      button('LaTeX', `Download ${name} as LaTeX`, file('application/x-tex', 'tex', item.latex)),
      copyButton('Copy', `Copy ${name} for a spreadsheet`, () => toTabs(item)),
      copyButton('Copy LaTeX', `Copy ${name} as LaTeX`, () => item.latex),
    ),
  );
}
