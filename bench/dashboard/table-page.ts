import type { Page } from 'playwright-core';

/**
 * A matrix as one would write it first: an HTML table, a cell for each pair, of which a row is written anew when its member reports.
 *
 * @returns what brings the news of one member.
 */
export async function openTable(page: Page, members: number): Promise<(index: number) => Promise<void>> {
  await page.setContent(
    `<style>td { width: 6px; height: 6px } .ok { background: green } .failed { background: red }</style><table></table>`,
  );
  await page.evaluate(`
    const rows = Array.from({ length: ${members} }, () => '<tr>' + '<td class="ok" title="12.3 ms"></td>'.repeat(${members}) + '</tr>');
    document.querySelector('table').innerHTML = rows.join('');
    globalThis.report = (index) => {
      const row = document.querySelector('table').rows[index % ${members}];
      for (const [position, cell] of [...row.cells].entries()) {
        cell.className = (index + position) % 3 === 0 ? 'failed' : 'ok';
        cell.title = (index + position) / 10 + ' ms';
      }
    };
  `);
  return (index) => page.evaluate(`report(${index})`);
}
