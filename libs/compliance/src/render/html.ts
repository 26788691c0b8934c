// The report as one HTML page that prints well. No script, no address but the links to receipts; every value is escaped.
import type { ComplianceReport, ReportControl, ReportRow, Sample } from '../report.js';
import { preamble, receiptLink, standingWords, titleWords } from './words.js';

const SIGNS: { readonly [sign: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => SIGNS[sign] as string);

const STYLE = `
:root { color-scheme: light; font: 11pt/1.45 system-ui, sans-serif; color: #1a1a1a; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.1rem; margin: 1.6rem 0 .3rem; break-after: avoid; }
table { border-collapse: collapse; width: 100%; } thead { display: table-header-group; } tr { break-inside: avoid; }
th, td { text-align: left; padding: .25rem .5rem; border-bottom: 1px solid #ccc; vertical-align: top; }
td.n { text-align: right; font-variant-numeric: tabular-nums; }
.implements { color: #0b5d1e; } .provides { color: #7a4b00; } .not { color: #666; }
section { break-inside: avoid; } code { font-size: .85em; overflow-wrap: anywhere; } ul { margin: .2rem 0; }
@media print { body { margin: 0; max-width: none; } a { color: inherit; } @page { margin: 18mm; } }
`;

const standing = (control: ReportControl): string =>
  `<span class="${control.standing.split(' ')[0]}">${escaped(standingWords(control))}</span>`;

const sample = (item: Sample, address: string | undefined): string => {
  const words = `<code>${item.seq}</code> ${escaped(item.time)} <code>${escaped(item.type)}</code> ${escaped(item.agent ?? '')}`;
  const link = receiptLink(item, address);
  return link === undefined ? `<li>${words}</li>` : `<li><a href="${escaped(link)}">${words}</a></li>`;
};

const row = (item: ReportRow, address: string | undefined): string => {
  const types = item.types
    .map(({ type, count }) => `<li><code>${escaped(type)}</code>: ${count}</li>`)
    .join('');
  const samples = item.samples.map((one) => sample(one, address)).join('');
  return `<p><strong>${item.relation}</strong>: ${escaped(item.how)} — ${item.count} events</p><ul>${types}${samples}</ul>`;
};

const section = (control: ReportControl, address: string | undefined): string =>
  `<section><h2>${escaped(control.id)} ${escaped(titleWords(control))}</h2>${control.rows.map((item) => row(item, address)).join('')}</section>`;

/** An HTML document of a report. `address`: the read model's, for links to receipts. */
export const toHtml = (report: ComplianceReport, address?: string): string => {
  const rows = report.controls.map(
    (control) =>
      `<tr><td>${escaped(control.id)}</td><td>${escaped(titleWords(control))}</td><td>${standing(control)}</td><td class="n">${control.count}</td></tr>`,
  );
  const sections = report.controls
    .filter(({ rows: all }) => all.length > 0)
    .map((control) => section(control, address));
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(report.title)}: ${escaped(report.org)}</title><style>${STYLE}</style></head>
<body><h1>${escaped(report.title)}</h1>
${preamble(report)
  .map((line) => `<p>${escaped(line)}</p>`)
  .join('\n')}
<table><thead><tr><th>Control</th><th>Name</th><th>Standing</th><th>Events</th></tr></thead><tbody>
${rows.join('\n')}
</tbody></table>
${sections.join('\n')}
</body></html>
`;
};
