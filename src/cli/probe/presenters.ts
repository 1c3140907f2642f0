import type { EngineName } from '../../probes/index.js';
import { HostScreen } from './host/host-screen.js';
import { type ProbeControls, ProbeLines, type ProbePresenter, ProbeRecords, ProbeScreen } from './probe-presenter.js';
import { TraceLines, TraceScreen } from './trace/trace-presenter.js';

/** The flags that decide how results are shown. */
export interface PresenterFlags {
  readonly count: number;
  readonly json?: boolean;
  readonly influx?: boolean;
  readonly names?: boolean;
  readonly geoCity?: string;
  readonly geoAsn?: string;
}

/** Whether it is programs that read the results. */
export function wantsRecords({ json, influx }: PresenterFlags): boolean {
  return json === true || influx === true;
}

/** How results of an engine are shown: for programs, on a terminal as a screen, or as lines. */
export function presenterFor(engine: EngineName, flags: PresenterFlags, controls: ProbeControls): ProbePresenter {
  if (flags.influx === true) return new ProbeRecords('influx');
  if (flags.json === true) return new ProbeRecords('json');
  const repeats = flags.count > 1;
  if (repeats && process.stdout.isTTY) return screenFor(engine, flags, controls);
  return repeats && engine === 'trace' ? new TraceLines() : new ProbeLines(repeats);
}

function screenFor(engine: EngineName, flags: PresenterFlags, controls: ProbeControls): ProbePresenter {
  if (engine === 'host') return new HostScreen(controls);
  if (engine !== 'trace') return new ProbeScreen(controls);
  const hasPlaces = flags.geoCity !== undefined || flags.geoAsn !== undefined;
  return new TraceScreen(controls, { names: flags.names === true, hasPlaces });
}
