/** How long it takes from nothing to "online", in milliseconds. */
const begun = performance.now();
const { default: isOnline } = await import('is-online');
if (!(await isOnline())) process.exit(1);
process.stdout.write(`${performance.now() - begun}`, () => process.exit());

export {};
