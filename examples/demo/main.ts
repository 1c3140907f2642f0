import { parseArgs } from 'node:util';
import { Cleanup } from './cleanup.js';
import { buildLabStage, whyNoLab } from './lab-stage.js';
import type { DemoResult } from './result.js';
import { createScreen, type Screen } from './screen.js';
import { DEADLINE, LINK_RATE, NETPAUSE, P_RETRY, UPLOAD } from './settings.js';
import { buildSimulatedStage } from './simulated-stage.js';
import type { Stage } from './stage.js';
import { tellStory } from './story.js';

const USAGE = `Usage: npm run demo -- [--json] [--simulate]

An upload loses its network twice, once through netpause and once through p-retry.

  --json      tell the story on stderr, and the result on stdout as one line of JSON
  --simulate  use a simulated network, as where network namespaces cannot be had
`;

const options = parseOptions();

// The SDK's advice on which Node to use would stand in the middle of the story.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

if (options.help) {
  process.stdout.write(USAGE);
} else {
  const result = await runDemo();
  if (result !== undefined && options.json) {
    process.stdout.write(`${JSON.stringify(result)}\n`);
  }
  process.exitCode ??= result?.completed && result.sha256Equal ? 0 : 1;
}

function parseOptions() {
  try {
    return parseArgs({
      options: {
        json: { type: 'boolean', default: false },
        simulate: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    process.exit(2);
  }
}

/** Undefined where it was interrupted; then the exit code is set, and everything is cleaned up. */
async function runDemo(): Promise<DemoResult | undefined> {
  const screen = createScreen(options.json ? process.stderr : process.stdout, process.env);
  const interruption = interruptible();
  try {
    await using cleanup = new Cleanup();
    const stage = await buildStage(cleanup, screen);
    introduce(stage, screen);
    return await tellStory(stage, screen, interruption);
  } catch (error) {
    // Ctrl-C reaches the processes in the lab too, and their end may be noticed first.
    if (!interruption.aborted) {
      throw error;
    }
    screen.text('Interrupted; everything was cleaned up.');
    return undefined;
  } finally {
    screen.close();
  }
}

async function buildStage(cleanup: Cleanup, screen: Screen): Promise<Stage> {
  const obstacle = options.simulate ? '--simulate was given' : await whyNoLab();
  if (obstacle === undefined) {
    screen.text('Building a network of client, router and server …');
    return buildLabStage(cleanup);
  }
  screen.text(`This is a simulation on loopback, without a real network: ${obstacle}.`);
  return buildSimulatedStage(cleanup);
}

function introduce(stage: Stage, screen: Screen): void {
  const mib = (bytes: number) => `${bytes / 2 ** 20} MiB`;
  const tries = `retries: ${UPLOAD.retries}`;
  screen.text(
    '',
    '  The network is taken away twice under two uploads that run side by side.',
    '',
    ...stage.description.map((line) => `  ${line}`),
    `  Each: ${mib(UPLOAD.bytes)} as an S3 multipart upload by the AWS SDK, ${UPLOAD.concurrency} parts of ${mib(UPLOAD.partBytes)} at a time`,
    `  The link carries ${LINK_RATE / 1e6} Mbit/s; either upload gives up after ${DEADLINE / 1000} s`,
    '',
    `  netpause  ${tries}, interruptAfter: ${NETPAUSE.interruptAfter}; monitor checkInterval: ${NETPAUSE.checkInterval}, checkTimeout: ${NETPAUSE.checkTimeout}`,
    `  p-retry   ${tries}, minTimeout: ${P_RETRY.minTimeout}, factor: ${P_RETRY.factor}; SDK connectionTimeout: ${P_RETRY.connectionTimeout}, requestTimeout: ${P_RETRY.requestTimeout}`,
    '',
  );
}

/** Aborts at Ctrl-C and SIGTERM; a second one ends the process as usual. */
function interruptible(): AbortSignal {
  const controller = new AbortController();
  for (const [name, number] of [
    ['SIGINT', 2],
    ['SIGTERM', 15],
  ] as const) {
    process.once(name, () => {
      process.exitCode = 128 + number;
      controller.abort();
    });
  }
  return controller.signal;
}
