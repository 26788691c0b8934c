// The report as Markdown. Values are escaped: nothing in an event can make a table cell, a link or HTML.
import type { ComplianceReport, ReportRow, Sample } from '../report.js';
import { preamble, receiptLink, standingWords, titleWords } from './words.js';

const escaped = (text: string): string =>
  text.replace(/[\\`*_{}[\]()#+!|<>~]/g, (sign) => `\\${sign}`).replace(/[\r\n]+/g, ' ');

const sampleLine = (sample: Sample, address: string | undefined): string => {
  const link = receiptLink(sample, address);
  const words =
    `${sample.seq} ${sample.time} ${escaped(sample.type)} ${escaped(sample.agent ?? '')}`.trimEnd();
  return link === undefined ? `  - ${words}` : `  - [${words}](${link})`;
};

const rowLines = (row: ReportRow, address: string | undefined): readonly string[] => [
  `- ${row.relation}: ${escaped(row.how)} — ${row.count} events`,
  ...row.types.map(({ type, count }) => `  - ${escaped(type)}: ${count}`),
  ...row.samples.map((sample) => sampleLine(sample, address)),
];

/** Markdown of a report. `address`: the read model's, for links to receipts. */
export const toMarkdown = (report: ComplianceReport, address?: string): string => {
  const table = report.controls.map(
    (control) =>
      `| ${escaped(control.id)} | ${escaped(titleWords(control))} | ${standingWords(control)} | ${control.count} |`,
  );
  const details = report.controls
    .filter(({ rows }) => rows.length > 0)
    .flatMap((control) => [
      '',
      `## ${escaped(control.id)} ${escaped(titleWords(control))}`,
      '',
      ...control.rows.flatMap((row) => rowLines(row, address)),
    ]);
  const head = ['| Control | Name | Standing | Events |', '|---|---|---|---|'];
  return `${[`# ${escaped(report.title)}`, '', ...preamble(report).flatMap((line) => [escaped(line), '']), ...head, ...table, ...details].join('\n')}\n`;
};
