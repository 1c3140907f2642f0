import { afterAll, beforeAll, it } from 'vitest';
import { describeInLab } from '../lab/describe-in-lab.js';
import { inPlayingOrder, playAll, type Result, SCENARIOS, type Scenario } from './index.js';

/** Milliseconds within which everything has been played, on a busy machine. */
const BOUND = 400_000;

// The quick form of `npm run matrix`: a representative third, and a tenth of the noise. As there, on two topologies at once.
describeInLab('the judgement of the network is right', ['tap', 'nft'], () => {
  const scenarios = inPlayingOrder(SCENARIOS.filter(({ quick }) => quick === true));
  const announce = new Map<Scenario, (result: Result) => void>();
  const results = new Map(
    scenarios.map((scenario) => [scenario, new Promise<Result>((resolve) => announce.set(scenario, resolve))]),
  );
  let playing: Promise<unknown> | undefined;
  beforeAll(() => {
    playing = playAll(scenarios, {
      scale: 'quick',
      lanes: 2,
      onResult: (result) => announce.get(result.scenario)?.(result),
    });
  });
  afterAll(() => playing, BOUND);

  for (const [{ name, topology, fault }, played] of results) {
    it(`${name}: ${topology.name}: ${fault}`, { timeout: BOUND }, async (context) => {
      const result = await played;
      if (result.outcome === 'skipped') return context.skip(result.reason);
      const findings = result.findings.map(({ kind, text }) => `${kind}: ${text}`);
      if (findings.length > 0) throw new Error(findings.join('\n'));
    });
  }
});
