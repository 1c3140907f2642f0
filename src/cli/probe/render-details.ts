import type { ProbeResult } from '../../probes/index.js';
import type { Appearance } from '../text/appearance.js';
import { renderBandwidth } from './bandwidth/describe-bandwidth.js';
import { renderHost } from './host/render-host.js';
import { isBandwidth, isHost, isTrace } from './result-kinds.js';
import { renderTrace } from './trace/render-trace.js';

/** What takes more than a line to tell, under the line that tells what came of it. */
export function renderDetails(result: ProbeResult, appearance: Appearance): readonly string[] {
  if (isTrace(result)) return renderTrace(result.facts, appearance);
  if (isBandwidth(result)) return renderBandwidth(result.facts, result.samples, appearance);
  return isHost(result) ? renderHost(result.facts, appearance) : [];
}
