// Elements are made here only; text goes in as text nodes, so no name can become markup.

type Child = Node | string | false | undefined;
type Attributes = Record<string, string | number | boolean | undefined>;

export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) node.setAttribute(name, value === true ? '' : String(value));
  }
  node.append(...children.filter((child): child is Node | string => child !== undefined && child !== false));
  return node;
}

export function button(text: string, label: string, action: () => void): HTMLButtonElement {
  const node = el('button', { type: 'button', 'aria-label': label, title: label }, text);
  node.addEventListener('click', action);
  return node;
}
