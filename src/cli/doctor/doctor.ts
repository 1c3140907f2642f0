import { EXIT } from '../exit-codes.js';
import { type MonitorFlags, monitorOptionsOf } from '../options/monitor-flags.js';
import { outputAppearance, print, printJson } from '../output.js';
import { untilStopped } from '../signals.js';
import { withIsoTimes } from '../text/iso-time.js';
import { diagnose } from './diagnose.js';
import { examine } from './examine.js';
import { renderFindings } from './render-findings.js';

/** The flags of `netpause doctor`. */
export interface DoctorFlags extends MonitorFlags {
  readonly json?: boolean;
}

/** Says what works on this host and what to do about the rest. */
export async function doctor(flags: DoctorFlags): Promise<number> {
  const facts = await untilStopped((signal) => examine(monitorOptionsOf(flags), signal));
  const findings = diagnose(facts);
  if (flags.json === true) printJson({ findings, facts: { ...facts, snapshot: withIsoTimes(facts.snapshot) } });
  else for (const line of renderFindings(findings, outputAppearance(), process.stdout.columns)) print(line);
  return findings.some(({ verdict }) => verdict === 'fails') ? EXIT.down : EXIT.ok;
}
