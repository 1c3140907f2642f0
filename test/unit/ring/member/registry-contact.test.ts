import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { MemberLog } from '../../../../src/ring/member/member-log.js';
import { RegistryContact } from '../../../../src/ring/member/registry-contact.js';
import { RegistryError } from '../../../../src/ring/member/registry-error.js';

const URL = 'http://192.0.2.1:8756';
const refused = () => new Error('connect ECONNREFUSED 192.0.2.1:8756');

let lines: string[];
let contact: RegistryContact;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  lines = [];
  contact = new RegistryContact(new MemberLog(({ level, message }) => lines.push(`${level}: ${message}`), 'info'));
});
afterEach(() => {
  vi.useRealTimers();
});

it('says at once that the registry does not answer, then once a minute, and when it does again', () => {
  for (let second = 0; second <= 60; second += 5) {
    contact.failed('read', refused(), URL);
    contact.failed('speak', refused(), URL);
    vi.advanceTimersByTime(5_000);
  }
  expect(lines).toEqual(['warn: the registry does not answer', 'warn: the registry does not answer']);
  expect(contact.trouble).toBe('connect ECONNREFUSED 192.0.2.1:8756');
  contact.answered('read', URL);
  expect(contact.trouble).toBeDefined();
  contact.answered('speak', URL);
  contact.answered('speak', URL);
  expect(lines.slice(2)).toEqual(['info: the registry answers again']);
  expect(contact.trouble).toBeUndefined();
});

it.each([
  [401, 'the registry refuses this member: it wants a token, or another one'],
  [403, 'the registry refuses this member: it wants a token, or another one'],
  [404, 'what answers is no registry: it may be a member'],
  [503, 'the registry does not do what it is asked for'],
])('tells what status %d comes to, also while it may be read', (status, message) => {
  contact.answered('read', URL);
  contact.failed('speak', new RegistryError(`the registry answered ${status}`, status), URL);
  contact.answered('read', URL);
  expect(lines).toEqual([`warn: ${message}`]);
});

it('says nothing of a report that is refused for what it holds', () => {
  const error = new RegistryError('the registry answered 413', 413);
  contact.failed('speak', error, URL);
  expect(lines).toEqual([]);
  expect(contact.hasNoted(error)).toBe(false);
});

it('knows the errors that need no other line', () => {
  const [told, same] = [refused(), refused()];
  contact.failed('speak', told, URL);
  contact.failed('speak', same, URL);
  expect([told, same, refused(), 'text'].map((error) => contact.hasNoted(error))).toEqual([true, true, false, false]);
});
