import { DemoProcesses } from './demo-processes.js';
import type { DemoSettings } from './demo-settings.js';
import { LOOPBACK, type Page } from './page.js';
import { memberEnv, REGISTRY_PROCESS } from './process-settings.js';
import type { Testbed, TestbedOptions } from './testbed.js';

/** Everything on loopback. There is no cable there: in its place a member is killed, and started again. */
export async function openLoopbackTestbed(
  { pace }: Pick<DemoSettings, 'pace'>,
  page: Page,
  { onLost }: Pick<TestbedOptions, 'onLost'>,
): Promise<Testbed> {
  const { url, port } = page;
  // The registry takes it over.
  await page.close();
  const processes = new DemoProcesses(onLost);
  processes.start({ ...REGISTRY_PROCESS, words: [...REGISTRY_PROCESS.words, '--port', `${port}`] });
  const startMember = (site: string): void => {
    const env = memberEnv({ site, registryUrl: url, host: LOOPBACK, port: 0 }, pace);
    processes.start({ name: site, words: ['ring', 'member'], env });
  };
  return {
    kind: 'loopback',
    url,
    startMember,
    async cutOff(site) {
      const at = Date.now();
      await processes.stop(site);
      return at;
    },
    async mend(site) {
      const at = Date.now();
      startMember(site);
      return at;
    },
    close: () => processes.stopAll(),
  };
}
