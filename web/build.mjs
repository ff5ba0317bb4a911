// Builds src/ into one file, dist/report.html: style and script inside, and a policy that lets nothing else run or load.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

process.chdir(import.meta.dirname);
const bundle = async (entry) => {
  const result = await build({
    entryPoints: [entry],
    absWorkingDir: import.meta.dirname,
    bundle: true,
    minify: true,
    write: false,
    charset: 'utf8',
    legalComments: 'none',
    target: ['chrome123', 'firefox120', 'safari17.5'], // the first with light-dark()
  });
  return result.outputFiles[0].text.trim();
};

const script = await bundle('src/main.ts');
const style = await bundle('src/style.css');
if (/<\/script|<!--/i.test(script)) throw new Error('the script would end its own element');

const parts = {
  STYLE: style,
  SCRIPT: script,
  SCRIPT_HASH: `sha256-${createHash('sha256').update(script).digest('base64')}`,
};
const page = readFileSync('src/page.html', 'utf8').replace(/@@(STYLE|SCRIPT|SCRIPT_HASH)@@/g, (_, name) => parts[name]);
if (page.split('@@REPORT_DATA@@').length !== 2) throw new Error('the page must have one place for its data');

mkdirSync('dist', { recursive: true });
writeFileSync('dist/report.html.new', page);
renameSync('dist/report.html.new', 'dist/report.html');
