/** What the worlds must have gone through before it means anything that no invariant was broken. */
export const SITUATIONS = [
  'a call paused',
  'a pause was given up',
  'a stop ended a call',
  'a trial began',
  'some waited in the gate',
  'a backoff was cut short',
  'a failure was spent',
  'a failure cost nothing',
  'progress gave the attempts back',
  'an attempt was ended by its user',
  'an attempt was ended by AttemptTimeoutError',
  'an attempt was ended by NetworkDownError',
  'an attempt was abandoned',
  'an abort ended a call while attempt',
  'an abort ended a call while asking',
  'an abort ended a call while consulting',
  'an abort ended a call while due',
  'an abort ended a call while held',
  'an abort ended a call while ending',
] as const;

export type Situation = (typeof SITUATIONS)[number];
