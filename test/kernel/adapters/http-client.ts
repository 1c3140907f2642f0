import axios from 'axios';
import got from 'got';
import ky from 'ky';
import { Agent, request } from 'undici';
import { networkAwareAxios } from '../../../src/adapters/axios/index.js';
import { createFetch, type DownloadResult, download } from '../../../src/adapters/fetch/index.js';
import { networkAwareGot } from '../../../src/adapters/got/index.js';
import { networkAwareKy } from '../../../src/adapters/ky/index.js';
import { networkAwareInterceptor } from '../../../src/adapters/undici/index.js';
import { NetworkMonitor, type NetworkMonitorOptions, type NetworkState } from '../../../src/monitor/index.js';
import { type Emit, serveActor } from '../../lab/index.js';

/** What happens to the work, each by its name. */
interface HttpClientEvents {
  state: NetworkState;
  progress: { readonly received: number };
  /** An attempt was ended, or never began, and the work waits. */
  paused: object;
  /** An attempt was spent. */
  spent: { readonly error: string };
  settled: { readonly work: string; readonly outcome: string };
}

let monitor: NetworkMonitor | undefined;

const client = serveActor((emit: Emit<HttpClientEvents>) => {
  const options = {
    interruptAfter: { path: 500, reach: 500 },
    onPause: () => emit('paused', {}),
    onFailedAttempt: ({ error }: { readonly error: Error }) => emit('spent', { error: String(error) }),
  };
  const run = (work: string, doing: Promise<unknown>): void => {
    doing.then(
      (value) => emit('settled', { work, outcome: String(value) }),
      (error: unknown) => emit('settled', { work, outcome: String(error) }),
    );
  };
  return {
    async start(monitorOptions: NetworkMonitorOptions): Promise<void> {
      monitor = new NetworkMonitor(monitorOptions);
      monitor.on('state', ({ to }) => emit('state', to));
      await monitor.start();
    },

    download(url: string, file: string): Promise<DownloadResult> {
      const onProgress = (progress: { readonly received: number }) => emit('progress', progress);
      return download(url, file, { ...options, network: networkOf(), retries: 0, onProgress });
    },

    /** The same request through every client; `retries` is 0 in each. */
    getByAll(url: string): void {
      const network = networkOf();
      const fetch = createFetch(network, { ...options, retries: 0 });
      run(
        'fetch',
        fetch(url).then((response) => response.text()),
      );
      const dispatcher = new Agent().compose(networkAwareInterceptor(network, { ...options, retries: 0 }));
      run(
        'undici',
        request(url, { dispatcher }).then(({ body }) => body.text()),
      );
      run(
        'got',
        got
          .extend(
            { retry: { limit: 0 } },
            networkAwareGot(network, options),
          )(url)
          .text(),
      );
      run(
        'ky',
        ky
          .create({ ...networkAwareKy(network, options), retry: 0 })(url)
          .text(),
      );
      run(
        'axios',
        networkAwareAxios(axios.create(), network, { ...options, retries: 0 })
          .get(url)
          .then(({ data }) => data),
      );
    },

    post(url: string): void {
      const fetch = createFetch(networkOf(), options);
      run(
        'post',
        fetch(url, { method: 'POST', body: 'order' }).then((response) => response.text()),
      );
    },
  };
});

function networkOf(): NetworkMonitor {
  if (monitor === undefined) throw new Error('the monitor is not started');
  return monitor;
}

export type HttpClient = typeof client;
