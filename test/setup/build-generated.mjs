import { buildDashboard } from '../../build/dashboard.mjs';

/** What a registry serves is there when it is asked for, and as the sources are. */
export async function setup() {
  await buildDashboard();
}
