import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 20_000 } },
      {
        test: {
          name: 'kernel',
          include: ['test/kernel/**/*.test.ts'],
          // Bounds for a machine that is busy, not expectations: these tests wait for events, never for time.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // Programs of others on loopback.
        test: { name: 'servers', include: ['test/servers/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
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
