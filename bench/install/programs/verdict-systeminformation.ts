/** How long it takes from nothing to "ok", in milliseconds. */
const [host, port] = process.argv.slice(2);
const begun = performance.now();
const { inetChecksite } = await import('systeminformation');
const { ok } = await inetChecksite(`http://${host}:${port}/`);
if (!ok) process.exit(1);
process.stdout.write(`${performance.now() - begun}`, () => process.exit());

export {};
