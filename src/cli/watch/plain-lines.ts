import { type Logger, writeLog } from '../../log/index.js';
import { print } from '../output.js';
import type { LogEntry, Model } from './model.js';
import type { Presenter } from './presenter.js';
import type { WatchEvent } from './watch-event.js';

/** What is news as lines, in the words that the monitor's own log has, with the time before them. */
export class PlainLines implements Presenter {
  #last: LogEntry | undefined;

  show(_event: WatchEvent, { log }: Model): void {
    const entry = log.at(-1);
    if (entry !== undefined && entry !== this.#last) writeEntry(entry);
    this.#last = entry;
  }

  close(): void {}
}

function writeEntry(entry: LogEntry): void {
  const write = (line: string): void => print(`${new Date(entry.at).toISOString()} ${line}`);
  const logger: Logger = { debug: write, info: write, warn: write, error: write };
  writeLog(logger, { level: 'info', ...toLogLine(entry) });
}

function toLogLine(entry: LogEntry) {
  switch (entry.kind) {
    case 'state': {
      const { from, to, reason, interface: name } = entry.change;
      if (from === to) return { message: `network is still ${to}`, fields: { reason, interface: name } };
      return { message: 'network state changed', fields: { from, to, reason, interface: name } };
    }
    case 'link': {
      const { interface: name, up, change, flapped } = entry.change;
      const fields = { interface: name, state: up ? 'up' : 'down', change, flapped: flapped || undefined };
      return { message: 'netlink event', fields };
    }
    case 'check': {
      const { host, port, reachable, error, duration } = entry.result;
      const message = reachable ? 'connectivity check succeeded' : 'connectivity check failed';
      return { message, fields: { host, port, error, durationMs: Math.round(duration) } };
    }
    case 'error':
      return { message: 'the network could not be read', fields: { error: entry.message } };
  }
}
