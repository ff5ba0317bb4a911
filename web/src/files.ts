// Files and copies made in the page; nothing is fetched.
import { button } from './dom';
import type { Row } from './spec';

export function download(name: string, type: string, content: string): void {
  const url = URL.createObjectURL(new Blob([content], { type: `${type};charset=utf-8` }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export function copyButton(text: string, label: string, content: () => string): HTMLButtonElement {
  const node = button(text, label, () => {
    const say = (message: string) => {
      node.textContent = message;
      setTimeout(() => (node.textContent = text), 1500);
    };
    const refused = () => say('Copying was refused');
    if (navigator.clipboard) navigator.clipboard.writeText(content()).then(() => say('Copied'), refused);
    else refused();
  });
  node.setAttribute('aria-live', 'polite');
  return node;
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function toCsv(rows: Row[]): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return [names, ...rows.map((row) => names.map((name) => row[name]))].map((line) => line.map(cell).join(',') + '\n').join('');
}
