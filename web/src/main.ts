// The page: header, contents, alerts and sections from the data inside the file.
import { exchangeRules } from './colours';
import type { Alert, Detail, Fact, Item, Report, Section } from './contract';
import { button, el } from './dom';
import { figureItem, type Drawable } from './figure';
import { copyButton } from './files';
import { grid, tableItem } from './table';

function facts(pairs: Fact[]): HTMLElement {
  return el('dl', { class: 'facts' }, ...pairs.map(([label, value]) => el('div', {}, el('dt', {}, label), el('dd', {}, value))));
}

function alert({ kind, title, items }: Alert): HTMLElement {
  return el(
    'section',
    { class: `alert ${kind}`, role: kind === 'error' ? 'alert' : 'status' },
    el('h2', {}, title),
    el('ul', {}, ...items.map((text) => el('li', {}, text))),
  );
}

function detail(part: Detail): HTMLElement {
  const content =
    'facts' in part
      ? facts(part.facts)
      : 'table' in part
        ? el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': part.title }, grid(part.table))
        : el('pre', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': part.title }, part.text);
  return el('section', {}, el('h3', {}, part.title), content);
}

function themeSwitch(): HTMLElement {
  const root = document.documentElement;
  const system = matchMedia('(prefers-color-scheme: dark)');
  const dark = () => (root.dataset['theme'] ?? (system.matches ? 'dark' : 'light')) === 'dark';
  const node = button('', 'Change between light and dark', () => {
    root.dataset['theme'] = dark() ? 'light' : 'dark';
    name();
  });
  const name = () => (node.textContent = dark() ? 'Light' : 'Dark');
  node.className = 'theme';
  system.addEventListener('change', name);
  name();
  return node;
}

function contents(sections: Section[]): HTMLElement {
  const entry = (id: string, ...text: (string | Node)[]) => el('a', { href: `#${id}` }, ...text);
  const itemEntry = ({ kind, id, label, title }: Item) =>
    el('li', {}, entry(`${kind}-${id}`, el('span', { class: 'label' }, label), ' ', title));
  return el(
    'nav',
    { class: 'contents', 'aria-label': 'Contents' },
    el('h2', {}, 'Contents'),
    ...sections.map((section) =>
      el(
        'div',
        {},
        entry(`section-${section.id}`, section.title),
        el('ol', {}, ...section.items.map(itemEntry)),
      ),
    ),
  );
}

function header(report: Report): HTMLElement {
  return el(
    'header',
    {},
    el('div', { class: 'top' }, el('p', { class: 'kind' }, report.subtitle), themeSwitch()),
    el('h1', {}, report.title),
    facts(report.header),
    report.command !== '' &&
      el('div', { class: 'command' }, el('code', {}, report.command), copyButton('Copy', 'Copy the command', () => report.command)),
    report.details.length > 0 &&
      el('details', {}, el('summary', {}, 'Data, versions and settings of this run'), ...report.details.map(detail)),
  );
}

// Tables stand at once; figures follow one by one, so that the page can be read and scrolled meanwhile.
async function drawAll(figures: Drawable[]): Promise<void> {
  for (const figure of figures) {
    await figure.draw();
    await new Promise((next) => setTimeout(next));
  }
  document.documentElement.dataset['drawn'] = String(figures.length);
}

function show(report: Report): void {
  document.title = `${report.title} · loadstone`;
  document.head.append(el('style', {}, exchangeRules()));
  const figures: Drawable[] = [];
  const sections = report.sections.map((section) =>
    el(
      'section',
      { id: `section-${section.id}`, 'aria-labelledby': `section-${section.id}-title` },
      el('h2', { id: `section-${section.id}-title` }, section.title),
      section.blurb !== '' && el('p', { class: 'blurb' }, section.blurb),
      ...section.items.map((item) => {
        if (item.kind === 'table') return tableItem(item);
        figures.push(figureItem(item));
        return figures.at(-1)!.element;
      }),
    ),
  );
  const main = el('main', { id: 'main', tabindex: -1 }, ...report.alerts.map(alert), ...sections);
  document.getElementById('page')!.replaceChildren(header(report), contents(report.sections), main);
  if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
  void drawAll(figures);
}

show(JSON.parse(document.getElementById('report-data')!.textContent!) as Report);
