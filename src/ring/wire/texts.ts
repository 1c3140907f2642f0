import { z } from '@hono/zod-openapi';
import { isHost } from '../../names/index.js';
import { WIRE_LIMITS } from './limits.js';

/**
 * Ids and locations stand in logs, labels and pages: without control characters, and what turns text around. Half a surrogate pair has no UTF-8,
 * so that two ids would be one in Redis.
 */
const PRINTABLE = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+$/u;
const NOT_PRINTABLE = 'must have no control characters';

/** An instance's id, unique in a ring. */
export const idSchema = z.string().min(1).max(WIRE_LIMITS.idLength).regex(PRINTABLE, NOT_PRINTABLE);

/** Where an instance is: a data centre, a site. */
export const locationSchema = z.string().min(1).max(WIRE_LIMITS.locationLength).regex(PRINTABLE, NOT_PRINTABLE);

/** The address or name by which other members reach one. */
export const addressSchema = z
  .string()
  .max(WIRE_LIMITS.addressLength)
  .refine(isHost, 'must be an IP address or a host name');

export const portSchema = z.int().min(1).max(65_535);

/** Seconds since 1970, by the registry's clock; older ones send fractions. */
export const epochSecondsSchema = z.number().nonnegative();

/** Milliseconds since 1970. */
export const epochMillisecondsSchema = z.number().nonnegative();

export const reasonSchema = z.string().max(WIRE_LIMITS.reasonLength).regex(PRINTABLE, NOT_PRINTABLE);

export const messageSchema = z.string().max(WIRE_LIMITS.messageLength);
