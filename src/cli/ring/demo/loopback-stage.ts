import { Cast } from './cast.js';
import type { DemoSettings } from './demo-settings.js';
import { LOOPBACK, type Page } from './page.js';
import { memberEnv, REGISTRY_PART } from './part-settings.js';
import type { Stage, StageOptions } from './stage.js';

/** Everything on loopback. There is no cable there: in its place a member is killed, and started again. */
export async function openLoopbackStage(
  { pace }: Pick<DemoSettings, 'pace'>,
  page: Page,
  { onLost }: Pick<StageOptions, 'onLost'>,
): Promise<Stage> {
  const { url, port } = page;
  // The registry takes it over.
  await page.close();
  const cast = new Cast(onLost);
  cast.start({ ...REGISTRY_PART, words: [...REGISTRY_PART.words, '--port', `${port}`] });
  const startMember = (site: string): void => {
    const env = memberEnv({ site, registryUrl: url, host: LOOPBACK, port: 0 }, pace);
    cast.start({ name: site, words: ['ring', 'member'], env });
  };
  return {
    kind: 'loopback',
    url,
    startMember,
    async cutOff(site) {
      const at = Date.now();
      await cast.stop(site);
      return at;
    },
    async mend(site) {
      const at = Date.now();
      startMember(site);
      return at;
    },
    close: () => cast.stopAll(),
  };
}
