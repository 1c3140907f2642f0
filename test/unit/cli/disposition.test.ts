import { describe, expect, it } from 'vitest';
import {
  type Circumstances,
  describeEnding,
  disposeOf,
  type Ending,
  exitCodeOf,
} from '../../../src/cli/exec/disposition.js';

const exited = (code: number): Ending => ({ kind: 'exited', code });
const killed = (signal: NodeJS.Signals): Ending => ({ kind: 'killed', signal });
const notStarted = (code: string): Ending => ({ kind: 'not-started', program: 'upload', code });

describe('what is made of the end of a command', () => {
  it.each<[Ending, Circumstances['endedEarlyBy'], ReturnType<typeof disposeOf>]>([
    // It succeeded, whatever else happened.
    [exited(0), 'nobody', 'done'],
    [exited(0), 'us', 'done'],
    [exited(0), 'user', 'done'],
    // It failed by itself.
    [exited(1), 'nobody', 'perhaps-network'],
    [exited(22), 'nobody', 'final'],
    [exited(126), 'nobody', 'failed'],
    [exited(127), 'nobody', 'failed'],
    [exited(255), 'nobody', 'perhaps-network'],
    [killed('SIGPIPE'), 'nobody', 'perhaps-network'],
    [killed('SIGALRM'), 'nobody', 'perhaps-network'],
    [killed('SIGSEGV'), 'nobody', 'failed'],
    [killed('SIGABRT'), 'nobody', 'failed'],
    // Somebody else ended it.
    [killed('SIGTERM'), 'nobody', 'final'],
    [killed('SIGKILL'), 'nobody', 'final'],
    [killed('SIGINT'), 'nobody', 'final'],
    // We did, because the network was lost or the time was over.
    [killed('SIGTERM'), 'us', 'interrupted'],
    [killed('SIGKILL'), 'us', 'interrupted'],
    [exited(143), 'us', 'interrupted'],
    [exited(22), 'us', 'interrupted'],
    // The user did.
    [killed('SIGTERM'), 'user', 'final'],
    [exited(1), 'user', 'final'],
    [killed('SIGSEGV'), 'user', 'final'],
    // It never began.
    [notStarted('ENOENT'), 'nobody', 'final'],
    [notStarted('EACCES'), 'nobody', 'final'],
    [notStarted('ENOENT'), 'us', 'final'],
  ])('%j, ended early by %s: %s', (ending, endedEarlyBy, expected) => {
    expect(disposeOf(ending, { endedEarlyBy, finalCodes: new Set([22]) })).toBe(expected);
  });
});

describe('what is said of a command that could not be started', () => {
  it.each([
    ['upload', 'ENOENT', 'upload: command not found'],
    ['./upload', 'ENOENT', './upload: no such file, or no interpreter for it'],
    ['/etc/passwd', 'EACCES', '/etc/passwd: permission denied'],
    ['upload', 'E2BIG', 'upload: cannot be started (E2BIG)'],
    ['up\u001bload', 'ENOENT', 'up?load: command not found'],
  ])('%s, %s: %s', (program, code, expected) => {
    expect(describeEnding({ kind: 'not-started', program, code })).toBe(expected);
  });
});

describe('the exit code for it', () => {
  it.each<[Ending, number]>([
    [exited(0), 0],
    [exited(3), 3],
    [killed('SIGTERM'), 143],
    [killed('SIGINT'), 130],
    [notStarted('ENOENT'), 127],
    [notStarted('EACCES'), 126],
  ])('%j: %d', (ending, expected) => {
    expect(exitCodeOf(ending)).toBe(expected);
  });
});
