import type { Part } from '../part.js';
import { measureCalls } from './calls.js';
import { measureCrowds } from './crowds.js';

/** What it costs while nothing is wrong, and while very much waits. */
export const overhead: Part = {
  name: 'overhead',
  title: 'Calls that succeed at once, and crowds that wait',
  async run(bench) {
    return [...(await measureCalls(bench)), ...(await measureCrowds(bench))];
  },
};
