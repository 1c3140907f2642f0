/** What of an OpenAPI document is shown. */
interface ApiDocument {
  readonly info: { readonly title: string; readonly version: string; readonly description?: string | undefined };
  readonly paths?: Readonly<Record<string, object>> | undefined;
}

/** A page over an OpenAPI document: what there is, and where the document itself is. It needs no script and no other host. */
export function renderApiDocs({ info, paths = {} }: ApiDocument, documentPath: string): string {
  const rows = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => row(method, path, textOf(operation, 'summary'))),
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(info.title)}: API</title>
<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}td,th{text-align:left;padding:.2rem 1.5rem .2rem 0;vertical-align:top}</style>
<h1>${escapeHtml(info.title)} ${escapeHtml(info.version)}</h1>
<p>${escapeHtml(info.description ?? '')}</p>
<p>The whole description, for programs: <a href="${escapeHtml(documentPath)}">${escapeHtml(documentPath)}</a> (OpenAPI 3.1)</p>
<table>
<thead><tr><th>Method</th><th>Path</th><th></th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
</html>
`;
}

function row(method: string, path: string, summary: string): string {
  return `<tr><td>${escapeHtml(method.toUpperCase())}</td><td><code>${escapeHtml(path)}</code></td><td>${escapeHtml(summary)}</td></tr>`;
}

function textOf(value: unknown, name: string): string {
  const text: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  return typeof text === 'string' ? text : '';
}

/** For text between tags and in attributes with quotes; of SVG and XML too. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
