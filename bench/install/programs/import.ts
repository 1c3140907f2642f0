/** How long it takes to import a module, in milliseconds, in a process that has done nothing else. */
const [module = ''] = process.argv.slice(2);
const begun = performance.now();
await import(module);
process.stdout.write(`${performance.now() - begun}`, () => process.exit());
