import { describe, expect, inject, it } from 'vitest';
import { NODES } from './program.js';
import { printedUnderJest } from './under-jest.js';

/** Jest runs tests in a sandbox with globals and a module loader of its own, in which much of Node.js is not quite itself. */
describe.each(NODES)('under Jest on $title', (node) => {
  it('starts a monitor by netlink, in one test file after the other', async () => {
    const snapshots = await printedUnderJest(node, inject('installed'), {
      'first.test.js': commonJsTest(MONITOR),
      'second.test.js': commonJsTest(MONITOR_THAT_CHECKS),
    });
    expect(snapshots).toHaveLength(2);
    expect(snapshots).toContainEqual(expect.objectContaining({ ...NETLINK_BY_KOFFI, reason: 'reachable' }));
    expect(snapshots).toContainEqual(expect.objectContaining({ ...NETLINK_BY_KOFFI, checks: [] }));
  });

  it('starts one from an ES module too', async () => {
    const [snapshot] = await printedUnderJest(
      node,
      inject('installed'),
      { 'module.test.mjs': `import { NetworkMonitor } from 'netpause';\n${testOf(MONITOR)}` },
      { NODE_OPTIONS: '--experimental-vm-modules' },
    );
    expect(snapshot).toMatchObject(NETLINK_BY_KOFFI);
  });

  it('steps down where koffi is missing, and says why', async () => {
    const [snapshot] = await printedUnderJest(node, inject('installedWithoutKoffi'), {
      'without.test.js': commonJsTest(MONITOR),
    });
    expect(snapshot).toMatchObject({
      source: expect.stringMatching(/^(netlink|proc)$/),
      sourceReason: expect.stringMatching(/^koffi could not be loaded: (?!Error)/),
    });
    expect(snapshot).not.toMatchObject({ ffi: 'koffi' });
  });
});

const NETLINK_BY_KOFFI = { source: 'netlink', ffi: 'koffi' };

const MONITOR = `
  const monitor = new NetworkMonitor({ checkHosts: [] });
  await monitor.start();
  const snapshot = monitor.snapshot();`;

/** Nobody listens there, and a refusal is an answer. */
const MONITOR_THAT_CHECKS = `
  const monitor = new NetworkMonitor({ checkHosts: ['127.0.0.1'], checkPorts: [1] });
  await monitor.start();
  const snapshot = await monitor.check();`;

function commonJsTest(body: string): string {
  return `const { NetworkMonitor } = require('netpause');\n${testOf(body)}`;
}

/** Not by console.log(), which Jest decorates; its own report goes to stderr. */
function testOf(body: string): string {
  return `test('it works', async () => {${body}
    await monitor.stop();
    process.stdout.write(JSON.stringify(snapshot) + '\\n');
  });`;
}
