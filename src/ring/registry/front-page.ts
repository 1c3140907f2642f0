import { formatEndpoint } from '../../names/index.js';
import { escapeHtml } from '../../server/index.js';
import type { MemberRecord } from '../wire/index.js';

/** What the page shows. */
export interface FrontPage {
  readonly version: string;
  readonly members: readonly MemberRecord[];
}

/** Rows of the table; the whole list is at `/members`. */
const MOST_ROWS = 500;

const LINKS = [
  '/members',
  '/members_with_analysis',
  '/metrics',
  '/outages',
  '/topology',
  '/topology/svg',
  '/health',
  '/docs',
];

/** Says what this is, and who is in the ring. It needs no script and no other host. */
export function renderFrontPage({ version, members }: FrontPage): string {
  const active = members.filter(({ status }) => status === 'active').length;
  const links = LINKS.map((path) => `<a href="${path}">${path}</a>`).join(' · ');
  const rows = members.slice(0, MOST_ROWS).map(row);
  const left = members.length - rows.length;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Netring registry</title>
<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}td,th{text-align:left;padding:.2rem 1.5rem .2rem 0;vertical-align:top;overflow-wrap:anywhere}</style>
<h1>Netring registry</h1>
<p>Version ${escapeHtml(version)}. Members of the ring find each other here, and report what they see of each other. ${active} of them are there.</p>
<p>${links}</p>
<table>
<thead><tr><th>Location</th><th>Id</th><th>Address</th><th>Status</th><th>Last heard of</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
${left > 0 ? `<p>And ${left} more.</p>\n` : ''}</html>
`;
}

function row({ location, instance_id: id, ip, port, status, last_seen: lastSeen }: MemberRecord): string {
  const cells = [location, id, formatEndpoint({ host: ip, port }), status, timeOf(lastSeen)];
  return `<tr>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`;
}

/** @param seconds since 1970; nothing for what no date can be. */
function timeOf(seconds: number): string {
  const date = new Date(seconds * 1_000);
  return Number.isNaN(date.getTime()) ? '' : `${date.toISOString().slice(0, 19)}Z`;
}
