// What our scripts use of k6's built-in modules (https://grafana.com/docs/k6/latest/javascript-api/).

declare module "k6" {
  export function check<T>(
    value: T,
    checks: Readonly<Record<string, (value: T) => boolean>>,
  ): boolean;
  /** Seconds. */
  export function sleep(seconds: number): void;
}

declare module "k6/data" {
  export class SharedArray<T> {
    constructor(name: string, load: () => T[]);
    readonly length: number;
    readonly [index: number]: T;
  }
}

declare module "k6/encoding" {
  export function b64decode(text: string): ArrayBuffer;
}

declare module "k6/metrics" {
  export class Counter {
    constructor(name: string);
    add(value: number): void;
  }
}

declare module "k6/http" {
  export interface Params {
    readonly headers?: Readonly<Record<string, string>>;
    readonly tags?: Readonly<Record<string, string>>;
    readonly responseType?: "binary" | "text" | "none";
  }
  export interface Response {
    readonly status: number;
    /** By canonical name, as `Etag`. */
    readonly headers: Readonly<Record<string, string>>;
    readonly body: ArrayBuffer | null;
  }
  export function get(url: string, params: Params): Response;
  export function post(url: string, body: ArrayBuffer, params: Params): Response;
  export function expectedStatuses(...statuses: number[]): unknown;
  export function setResponseCallback(callback: unknown): void;
}
