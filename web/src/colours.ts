// Colours of figures. A figure is drawn once, in the light colours; in the dark theme the style sheet made here exchanges
// each of them for its partner, so that a change of theme, printing and the saved SVG need no second drawing.

export const ink = '#1d2329';
export const soft = '#57606b';
export const line = '#c3c9d0';
export const faint = '#e7eaee';

// Ten lines, told apart by hue and lightness also under the usual colour blindness as far as ten can be.
const series: [light: string, dark: string][] = [
  ['#1d5fa6', '#6fb0f2'],
  ['#c4501b', '#f5935f'],
  ['#1c8467', '#54cfa6'],
  ['#8a4fa8', '#cd9bea'],
  ['#b08400', '#e6bf45'],
  ['#0f93ab', '#58d0e6'],
  ['#c0396b', '#f587ae'],
  ['#6b5a45', '#c5ae92'],
  ['#5b6673', '#a6b1be'],
  ['#24337f', '#929ff0'],
];
const neutral: [light: string, dark: string][] = [
  [ink, '#e4e8ec'],
  [soft, '#a3adb8'],
  [line, '#4b545e'],
  [faint, '#2b3138'],
];

export const category = series.map(([light]) => light);
export const diverging = ['#a8401c', '#e39a72', '#f3f1ec', '#7fa9d6', '#1d5fa6'];
export const ramp = ['#eef2f6', '#a9c4e2', '#4e86c1', '#1d5fa6', '#123a6b'];

export function exchangeRules(): string {
  return [...series, ...neutral]
    .flatMap(([light, dark]) =>
      ['fill', 'stroke'].map((property) => `.plot [${property}="${light}"]{${property}:light-dark(${light},${dark})}`),
    )
    .join('');
}
