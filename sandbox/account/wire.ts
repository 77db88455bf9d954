/** One HTTP request as the listener hands it to a service. */
export interface WireRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** `1.3`; undefined: HTTP. */
  readonly tlsVersion?: string | undefined;
}

export interface WireResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
  /** Fault lever: the connection breaks after this many bytes of the body; 0: before the answer's first byte. */
  readonly cutAt?: number;
}

export type WireHandler = (request: WireRequest) => Promise<WireResponse>;

/** An error that the service itself answers: each protocol writes it in its own shape. */
export class WireFault extends Error {
  override readonly name = 'WireFault';
  readonly code: string;
  readonly status: number;
  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** What is not modelled says so: a plausible answer would be a lie. */
export const notImplemented = (what: string): WireFault =>
  new WireFault('NotImplemented', `The simulated account does not model ${what}.`, 501);
