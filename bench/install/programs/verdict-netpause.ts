/** How long it takes from nothing to `up`, in milliseconds. */
const [host = '', port] = process.argv.slice(2);
const begun = performance.now();
const { NetworkMonitor } = await import('../../../src/monitor/index.js');
const monitor = new NetworkMonitor({ checkHosts: [host], checkPorts: [Number(port)] });
monitor.onChange(({ to }) => {
  if (to === 'up') process.stdout.write(`${performance.now() - begun}`, () => process.exit());
});
await monitor.start();
// The bound for a monitor that never comes to it.
setTimeout(() => process.exit(1), 10_000);

export {};
