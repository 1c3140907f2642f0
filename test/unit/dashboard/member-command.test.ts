import { expect, it } from 'vitest';
import { memberCommand } from '../../../src/dashboard/ring/member-command.js';

it.each([
  ['http://127.0.0.1:18800/#show=all', false, '--registry http://127.0.0.1:18800'],
  ['http://localhost:8756/', false, '--registry http://localhost:8756'],
  ['http://[::1]:8756/', true, '--registry http://[::1]:8756 --token-file token.txt'],
  ['http://192.0.2.1:8756/', false, '--registry http://192.0.2.1:8756 --host 0.0.0.0 --token-file token.txt'],
  ['https://ring.example.com/', true, '--registry https://ring.example.com --host 0.0.0.0 --token-file token.txt'],
])('a member is started of the registry whose page is %s (by a token: %s)', (page, hasToken, flags) => {
  expect(memberCommand(new URL(page), hasToken)).toBe(`npx netpause ring member ${flags}`);
});
