import type { z } from '@hono/zod-openapi';
import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  type CheckRecord,
  type checkRecordSchema,
  type MemberRecord,
  type memberRecordSchema,
  type RegisterRequest,
  type ReportRequest,
  registerRequestSchema,
  reportRequestSchema,
} from '../../../../src/ring/wire/index.js';

describe('what members and registries say to each other', () => {
  it('has types that are those of the schemas', () => {
    expectTypeOf<z.output<typeof registerRequestSchema>>().toExtend<RegisterRequest>();
    expectTypeOf<z.output<typeof memberRecordSchema>>().toExtend<MemberRecord>();
    expectTypeOf<z.output<typeof checkRecordSchema>>().toExtend<CheckRecord>();
    expectTypeOf<z.output<typeof reportRequestSchema>>().toExtend<ReportRequest>();
  });

  it.each([
    ['a name that turns text around', { location: 'dc\u202e1', ip: '192.0.2.1', port: 1 }],
    ['a name with a line break', { location: 'dc\n1', ip: '192.0.2.1', port: 1 }],
    ['an empty name', { location: '', ip: '192.0.2.1', port: 1 }],
    ['a name that is too long', { location: 'x'.repeat(129), ip: '192.0.2.1', port: 1 }],
    ['no address', { location: 'dc1', port: 1 }],
    ['what is no host', { location: 'dc1', ip: '192.0.2.1/evil', port: 1 }],
    ['a port that is none', { location: 'dc1', ip: '192.0.2.1', port: 65_536 }],
    ['a port of another type', { location: 'dc1', ip: '192.0.2.1', port: '8757' }],
  ])('refuses %s', (_what, request) => {
    expect(registerRequestSchema.safeParse(request).success).toBe(false);
    expect(registerRequestSchema.safeParse({ location: 'dc1', ip: '192.0.2.1', port: 8757 }).success).toBe(true);
  });

  it('takes the report of a Netring member as it is', () => {
    const labels = { source_location: 'a', target_location: 'b' };
    const metrics = { connectivity_tcp: { 'b:1': { labels, value: 1 } }, general: { members_total: 2 } };
    expect(reportRequestSchema.parse({ instance_id: 'one', metrics })).toEqual({ instance_id: 'one', metrics });
  });
});
