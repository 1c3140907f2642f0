import { z } from '@hono/zod-openapi';
import { WIRE_LIMITS } from './limits.js';
import {
  addressSchema,
  epochMillisecondsSchema,
  epochSecondsSchema,
  idSchema,
  locationSchema,
  messageSchema,
  portSchema,
  reasonSchema,
} from './texts.js';

export const registerRequestSchema = z
  .object({
    instance_id: idSchema.optional(),
    location: locationSchema,
    ip: addressSchema,
    port: portSchema,
    version: reasonSchema.optional(),
  })
  .openapi('RegisterRequest', { example: { location: 'dc1', ip: '192.0.2.1', port: 8757 } });

export const registerResponseSchema = z
  .object({ instance_id: idSchema, status: z.literal('registered'), reads_checks: z.boolean().optional() })
  .openapi('RegisterResponse');

export const instanceRequestSchema = z.object({ instance_id: idSchema }).openapi('InstanceRequest');

export const okResponseSchema = z.object({ status: z.literal('ok') }).openapi('OkResponse');

export const deregisterResponseSchema = z.object({ status: z.literal('deregistered') }).openapi('DeregisterResponse');

export const errorResponseSchema = z.object({ error: messageSchema }).openapi('Error');

export const memberRecordSchema = z
  .object({
    instance_id: idSchema,
    location: locationSchema,
    ip: addressSchema,
    port: portSchema,
    last_seen: epochSecondsSchema,
    registered_at: epochSecondsSchema,
    deregistered_at: epochSecondsSchema.optional(),
    status: z.enum(['active', 'deregistered']),
    version: reasonSchema.optional(),
  })
  .openapi('Member');

export const membersResponseSchema = z
  .object({ members: z.array(memberRecordSchema).readonly() })
  .openapi('MembersResponse');

const hopRecordSchema = z
  .object({
    hop: z.int().min(1).max(WIRE_LIMITS.hops),
    ip: z.union([z.literal('*'), addressSchema]),
    latency_ms: z.number().nonnegative().nullable(),
  })
  .openapi('Hop');

export const checkRecordSchema = z
  .object({
    type: z.enum(['tcp', 'http', 'ping', 'bandwidth', 'traceroute']),
    target: idSchema,
    target_location: locationSchema,
    target_ip: addressSchema,
    endpoint: z.string().max(WIRE_LIMITS.endpointLength).optional(),
    verdict: z.enum(['ok', 'failed', 'inconclusive']),
    failure_source: z.enum(['target', 'path', 'resolver', 'local']).optional(),
    reason: reasonSchema.optional(),
    at: epochMillisecondsSchema,
    latency_ms: z.number().nonnegative().optional(),
    loss: z.number().min(0).max(1).optional(),
    jitter_ms: z.number().nonnegative().optional(),
    bandwidth_mbps: z.number().nonnegative().optional(),
    hops: z.array(hopRecordSchema).max(WIRE_LIMITS.hops).readonly().optional(),
  })
  .openapi('Check');

export const outageRecordSchema = z
  .object({
    from: epochMillisecondsSchema,
    until: epochMillisecondsSchema.optional(),
    reason: reasonSchema,
  })
  .openapi('Outage');

export const memberOutageSchema = outageRecordSchema
  .extend({ id: idSchema, location: locationSchema })
  .openapi('MemberOutage');

export const outagesResponseSchema = z
  .object({ outages: z.array(memberOutageSchema).readonly() })
  .openapi('OutagesResponse');

export const reportedMetricsSchema = z
  .looseObject({
    checks: z.array(checkRecordSchema).max(WIRE_LIMITS.checks).readonly().optional(),
    outages: z.array(outageRecordSchema).max(WIRE_LIMITS.outages).readonly().optional(),
  })
  .refine(({ checks: _checks, outages: _outages, ...groups }) => isShallow(groups, WIRE_LIMITS.depth), {
    message: `must not be nested deeper than ${WIRE_LIMITS.depth}`,
  })
  .openapi('ReportedMetrics');

/** Level by level: recursion would be what this is to prevent. */
function isShallow(value: object, depth: number): boolean {
  let level: readonly unknown[] = [value];
  for (let count = 0; count <= depth; count += 1) {
    level = level.flatMap((each) => Object.values(each ?? {})).filter((each) => typeof each === 'object');
    if (level.length === 0) return true;
  }
  return false;
}

export const reportRequestSchema = z
  .object({
    instance_id: idSchema,
    metrics: reportedMetricsSchema,
    report_id: idSchema.optional(),
    taken_at: epochMillisecondsSchema.optional(),
    current: z.boolean().optional(),
  })
  .openapi('ReportRequest');

export const metricsResponseSchema = z
  .object({ metrics: z.record(z.string(), reportedMetricsSchema) })
  .openapi('MetricsResponse');
