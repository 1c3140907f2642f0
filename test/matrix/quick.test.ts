import { afterAll, it } from 'vitest';
import { describeInLab } from '../lab/describe-in-lab.js';
import { inPlayingOrder, SCENARIOS, Troupe } from './index.js';

// The quick form of `npm run matrix`: a representative third, and a tenth of the noise.
describeInLab('the judgement of the network is right', ['tap', 'nft'], () => {
  const troupe = new Troupe();
  afterAll(() => troupe.dispose());

  for (const scenario of inPlayingOrder(SCENARIOS.filter(({ quick }) => quick === true))) {
    const { name, topology, fault, seconds = 60 } = scenario;
    it(`${name}: ${topology.name}: ${fault}`, { timeout: (seconds + 30) * 1_000 }, async (context) => {
      const result = await troupe.play(scenario, 'quick');
      if (result.outcome === 'skipped') return context.skip(result.reason);
      const findings = result.findings.map(({ kind, text }) => `${kind}: ${text}`);
      if (findings.length > 0) throw new Error(findings.join('\n'));
    });
  }
});
