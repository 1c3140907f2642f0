import type { SdkClientConfiguration, SdkRequest, SdkSigner } from './sdk.js';

/** How a request was signed. */
interface Signing {
  readonly again: () => Promise<SdkRequest>;
  /** As it came from the signer. */
  readonly original: SdkRequest;
}

/**
 * Knows how a request was signed, so that it can be signed again. A signature is good for a few minutes by the server's clock, and the credentials
 * behind it may be for not much longer (AWS Signature Version 4); an outage lasts as long as it lasts.
 */
export class Signatures {
  readonly #signings = new WeakMap<SdkRequest, Signing>();

  /** Remembers every signature that the client makes from now on. */
  rememberThoseOf(client: SdkClientConfiguration): void {
    for (const scheme of [...(client.httpAuthSchemes?.() ?? [])]) {
      client.setHttpAuthScheme?.({ ...scheme, signer: this.#remembering(scheme.signer) });
    }
  }

  /**
   * The request with a signature of now, and with what middleware has made of it since it was signed; as it is where nobody knows how it was
   * signed (as with directory buckets), or where what it signs goes on in its body (as with event streams).
   */
  async renew(request: SdkRequest): Promise<SdkRequest> {
    if (request.headers['x-amz-content-sha256']?.startsWith('STREAMING-AWS4-')) return request;
    const signing = this.#signings.get(request);
    if (signing === undefined) return request;
    const { original, again } = signing;
    const { headers, ...rest } = request;
    const renewed = await again();
    return Object.assign(renewed, withChanges(renewed, original, rest), {
      headers: withChanges(renewed.headers, original.headers, headers),
    });
  }

  #remembering(signer: SdkSigner): SdkSigner {
    const sign: SdkSigner['sign'] = async (request, identity, properties) => {
      const signed = await signer.sign(request, identity, properties);
      const original = { ...signed, headers: { ...signed.headers } };
      this.#signings.set(signed, { again: () => sign(request, identity, properties), original });
      return signed;
    };
    const { errorHandler, successHandler } = signer;
    return { sign, errorHandler, successHandler };
  }
}

/** The fields of `base`, with what differs between `before` and `after`. */
function withChanges(base: object, before: object, after: object): object {
  const fields = new Map(Object.entries(base));
  const old = new Map(Object.entries(before));
  for (const [name, value] of Object.entries(after)) if (old.get(name) !== value) fields.set(name, value);
  for (const name of old.keys()) if (!(name in after)) fields.delete(name);
  return Object.fromEntries(fields);
}
