import { createRetryer } from 'netpause';

/** What is tested: it stores files on one host. In production `network` is a NetworkMonitor, and `put` sends a request. */
export class Uploader {
  #put;

  constructor(network, put) {
    this.#put = put;
    this.retryer = createRetryer({ network: network.target('files.example.com:443'), retries: 3, name: 'upload' });
  }

  upload(file) {
    return this.retryer.run((_attemptNumber, { signal }) => this.#put(file, { signal }));
  }
}
