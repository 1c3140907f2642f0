import { type ScheduledResult, toJsonLine, toLineProtocol } from '../../probes/index.js';
import { print } from '../output.js';

/** The formats for programs. */
export type RecordFormat = 'json' | 'influx';

/** Prints a result in a format for programs, one line each. The labels of its task are tags in that of InfluxDB. */
export function printRecord(format: RecordFormat, { task, result }: ScheduledResult): void {
  print(format === 'json' ? toJsonLine(result) : toLineProtocol(result, { tags: task.labels }));
}
