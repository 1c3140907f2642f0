import { describe, expect, inject, it } from 'vitest';
import { NODES } from './program.js';
import { printedUnderJest } from './under-jest.js';

describe.each(NODES)('under Jest on $title', (node) => {
  it('errors of Node.js are retried, though they are no instances of the Error of the sandbox', async () => {
    const [outcome] = await printedUnderJest(node, inject('installed'), {
      'refused.test.js': `
        const { createRetryer, retryReport } = require('netpause');
        const { SimulatedNetwork } = require('netpause/testing');
        test('it works', async () => {
          const retryer = createRetryer({ network: new SimulatedNetwork(), retries: 2, minTimeout: 1 });
          const error = await retryer.run(() => fetch('http://127.0.0.1:1/')).catch((error) => error);
          const { attempts } = retryReport(error);
          const isForeign = !(error instanceof Error);
          process.stdout.write(JSON.stringify({ isForeign, message: error.message, attempts: attempts.length }) + '\\n');
        });`,
    });
    expect(outcome).toEqual({ isForeign: true, message: 'fetch failed', attempts: 3 });
  });
});
