import { describe, expect, it } from 'vitest';
import { systemName, systemText } from '../../../../src/probes/dns/octets.js';

describe('what c-ares hands over', () => {
  it.each([
    ['mail.example.com', 'mail.example.com'],
    ['', '.'],
    ['host\\.master.example.com', 'host\\.master.example.com'],
    ['a\\\\b.example', 'a\\\\b.example'],
    ['a\\@b\\;c.example', 'a@b;c.example'],
    ['other name.example', 'other\\032name.example'],
    ['\\027[31m.example', '\\027[31m.example'],
    ['\x1b\xfc.example', '\\027\\252.example'],
  ])('as the name %j is %j', (name, text) => {
    expect(systemName(name)).toBe(text);
  });

  it.each([
    ['v=spf1 -all', 'v=spf1 -all'],
    ['\xc3\xbc\xff\x00', '\\195\\188\\255\\000'],
    ['a\\b"', 'a\\\\b"'],
  ])('as the text %j is %j', (given, text) => {
    expect(systemText(given)).toBe(text);
  });
});
