import { fork } from 'node:child_process';
import { MessageChannel } from 'node:worker_threads';
import { SharedNetwork, shareNetwork } from '../../../src/service/index.js';
import { SimulatedNetwork } from '../../../src/testing/index.js';

/** Shares a network in every way and closes nothing: the process must end nevertheless. */

if (process.send === undefined) await share();
else new SharedNetwork(process).track();

async function share(): Promise<void> {
  const network = new SimulatedNetwork({ state: 'down' });
  const { port1, port2 } = new MessageChannel();
  shareNetwork(network, port1);
  const shared = new SharedNetwork(port2);
  await shared.ready();
  shared.onChange(() => {});
  shared.track();
  shared.target('host:22').track();
  void shared.waitForNetwork({ unref: true });

  const [, file = ''] = process.argv;
  const child = fork(file);
  shareNetwork(network, child);
  child.on('exit', (code) => console.log(`the child ended with ${code}`));
  console.log(`shared: ${shared.state}`);
}
