import { buildCommand } from '../../build/command.mjs';
import { buildDashboard } from '../../build/dashboard.mjs';

/** What is bundled for tests, and what a registry serves, is there when it is asked for, and as the sources are. */
export async function setup() {
  await Promise.all([buildDashboard(), buildCommand()]);
}
