import pRetry from 'p-retry';
import { serveCrowds } from '../crowd.js';

/** Milliseconds: longer than it takes all of them to fail once. */
const BACKOFF = Number(process.argv[2]);

/** All have failed at the same moment, and are in their first backoff. */
serveCrowds({
  gather(count) {
    let begin = () => {};
    const begins = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const error = new Error('the network');
    const operation = async (attemptNumber: number) => {
      if (attemptNumber === 1) throw error;
      begin();
    };
    const calls = Array.from({ length: count }, () => pRetry(operation, { minTimeout: BACKOFF }));
    return { begins, ends: Promise.all(calls) };
  },
});
