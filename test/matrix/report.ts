import type { Detection } from './judge.js';
import type { Observation, Span, WorkStep } from './observation.js';
import type { Result } from './runner.js';
import { quantile, type Summary } from './summary.js';

/** One line for people, and one below it for each thing that is wrong. */
export function toText(result: Result): string {
  const { name, topology, fault } = result.scenario;
  const head = `${name.padEnd(38)} ${topology.name.padEnd(46)} ${fault}`;
  if (result.outcome === 'skipped') return `-  ${head}\n     skipped: ${result.reason}`;
  const { findings, detections } = result;
  const lines = findings.map(({ kind, text }) => `     ${kind}: ${text}`);
  return [`${findings.length === 0 ? '✓' : '✗'} ${seen(detections).padStart(9)}  ${head}`, ...lines].join('\n');
}

/** How it came to that: every verdict, and what became of every piece of work, by the clock of the scene. */
export function toStory(result: Result): string {
  if (result.outcome === 'skipped') return '';
  return result.observations.flatMap(storyOf).join('\n');
}

function storyOf({ subject, outages, verdicts, works, stalls }: Observation): readonly string[] {
  const span = ({ from, until }: Span) => `${from.toFixed(0)}–${until.toFixed(0)}`;
  return [
    `       ${subject}: outages ${outages.map(span).join(', ') || 'none'}; stalls ${stalls.map(span).join(', ') || 'none'}`,
    ...verdicts.map(({ at, state, reason }) => `       ${at.toFixed(1).padStart(9)} ${state} (${reason})`),
    ...works.map(({ name, steps }) => `         ${name}: ${steps.map(stepText).join(', ')}`),
  ];
}

function stepText({ at, step }: WorkStep): string {
  const code = 'code' in step ? ` ${step.code}` : '';
  return `${at.toFixed(0)} ${step.kind}${code}${step.kind === 'failure' && step.spent ? ' (charged)' : ''}`;
}

/** One line for programs. */
export function toJson(result: Result): string {
  const { name, topology, fault } = result.scenario;
  const head = { scenario: name, topology: topology.name, fault, durationMs: Math.round(result.duration) };
  if (result.outcome === 'skipped') return JSON.stringify({ ...head, skipped: result.reason });
  const { findings, detections } = result;
  const detectedMs = detections.map(({ evidence, after }) => ({ evidence, after: Math.round(after * 10) / 10 }));
  return JSON.stringify({ ...head, ok: findings.length === 0, findings, detectedMs });
}

export function summaryText(summary: Summary): string {
  const {
    scenarios,
    falsePauses,
    missedOutages,
    stuckPauses,
    wrongReasons,
    detectedMs,
    broken = 0,
    skipped = 0,
  } = summary;
  return [
    `${scenarios} scenarios: ${falsePauses} false pauses, ${missedOutages} missed outages, ${stuckPauses} stuck pauses, ${wrongReasons} wrong reasons`,
    ...(broken > 0 ? [`${broken} findings in scenarios that prove nothing or took too much of the machine`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    `path outages detected in ${detectedMs.median} ms (median), ${detectedMs.p99} ms (p99)`,
  ].join('\n');
}

function seen(detections: readonly Detection[]): string {
  if (detections.length === 0) return '';
  const slowest = quantile(
    detections.map(({ after }) => after),
    1,
  );
  return `${slowest.toFixed(1)} ms`;
}
