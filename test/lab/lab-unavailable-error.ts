/** This machine cannot give a lab, or not the part of it that was asked for; the reason is a plain sentence for people. */
export class LabUnavailableError extends Error {
  override readonly name = 'LabUnavailableError';
  readonly code = 'ERR_LAB_UNAVAILABLE';

  constructor(readonly reason: string) {
    super(`the lab is not available: ${reason}`);
  }
}
