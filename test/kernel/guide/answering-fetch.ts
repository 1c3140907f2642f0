/** Loaded before an example: its requests are answered as if it had a network, which it has not. */
globalThis.fetch = async () => Response.json({});
