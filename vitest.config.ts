import { defineConfig } from 'vitest/config';

const TRANSFERS = ['test/kernel/adapters/**/*.test.ts', 'test/kernel/{examples,soak}.test.ts'];
/** It needs a checkout of github.com/maxmind/MaxMind-DB, whose folder this variable names. */
const WITHOUT_DATA = process.env['MMDB_TEST_DATA'] === undefined ? ['test/unit/probes/geo/public-data.test.ts'] : [];
const PROBES = ['test/kernel/probes/**/*.test.ts'];
const RING = ['test/kernel/ring/**/*.test.ts'];

/** The command, and the pages that a registry serves, are bundled first. */
const GENERATED = 'test/setup/build-generated.mjs';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          exclude: WITHOUT_DATA,
          globalSetup: GENERATED,
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'kernel',
          include: ['test/kernel/**/*.test.ts'],
          exclude: [...TRANSFERS, ...PROBES, ...RING],
          globalSetup: GENERATED,
          // Bounds for a machine that is busy, not expectations: these tests wait for events, never for time.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // Whole programs across outages: they wait most of the time, so several run at once.
        test: { name: 'transfers', include: TRANSFERS, testTimeout: 90_000, hookTimeout: 60_000 },
      },
      {
        // A dozen processes that check each other all the time.
        test: { name: 'ring', include: RING, globalSetup: GENERATED, testTimeout: 120_000, hookTimeout: 120_000 },
      },
      {
        test: {
          name: 'probes',
          include: PROBES,
          globalSetup: GENERATED,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // Programs of others on loopback.
        test: {
          name: 'servers',
          include: ['test/servers/**/*.test.ts'],
          globalSetup: GENERATED,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // The pages in Debian's Chromium.
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          globalSetup: GENERATED,
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        // By itself, since it holds the monitor to its bounds: nothing else should run beside it.
        test: { name: 'matrix', include: ['test/matrix/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
      },
      {
        test: {
          name: 'package',
          include: ['test/package/**/*.test.ts'],
          globalSetup: 'test/package/installed-package.ts',
          testTimeout: 60_000,
        },
      },
    ],
  },
});
