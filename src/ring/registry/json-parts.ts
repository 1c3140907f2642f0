import { z } from '@hono/zod-openapi';

/** A body of a request that has to be there, and to be JSON. */
export function jsonBody<Schema extends z.ZodType>(schema: Schema) {
  return { body: { required: true, content: { 'application/json': { schema } } } };
}

/** An answer of JSON. */
export function jsonOf<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { description, content: { 'application/json': { schema } } };
}

/** An object whose shape is that of a type. */
export function shapeOf<Shape extends object>() {
  return z.custom<Shape>().openapi({ type: 'object' });
}
