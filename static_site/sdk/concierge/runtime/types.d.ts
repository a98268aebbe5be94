/**
 * What the runtime is given and gives: the options of a client and of a call, and what an SDK says of its API.
 * Times are in seconds, as numbers; moments are seconds since the epoch.
 */

import type { Decimal } from "./json.js";

// What callers give

/** Who calls, and how: the options of a client. Everything is optional. */
export interface ClientOptions {
  /** The key of the only scheme that takes one, or keys by the names of their schemes. */
  apiKey?: string | Readonly<Record<string, string>>;
  /** A token to send, or a function that gives one: it is called for each attempt. */
  accessToken?: string | (() => string | Promise<string>);
  /** Tokens that were given before; they are renewed as long as the refresh token is good. */
  tokens?: Tokens;
  /** For the schemes that want a user name and a password. */
  basic?: { readonly username: string; readonly password: string };
  /** Which application signs people in. The generated SDK knows the project's. */
  clientId?: string;
  /** Of an application that calls for itself: its tokens are fetched as they are needed. */
  clientSecret?: string;
  /** What to ask for when signing in: all that the API's operations need, unless this says less. */
  scopes?: readonly string[];
  /** Keys to sign requests with, or a function that gives them. Without: they are fetched for whoever is signed in. */
  credentials?: Credentials | (() => Credentials | Promise<Credentials>);
  /** The role to ask for when credentials are fetched. */
  role?: string;
  /** The region to sign for. */
  region?: string;
  /** Where the tokens of `login()` are kept: in memory unless this says otherwise. */
  tokenStore?: TokenStore;
  /** Further origins that are shown who calls, where operations have servers of their own. */
  trustedOrigins?: readonly string[];
  /** In web pages: where the sign-in page sends people back to. The root of the page's origin unless this says otherwise. */
  redirectUri?: string;
  /** The issuer of tokens, where the document names none. */
  issuer?: string;
  /** Seconds for connecting, and between two reads. 30. */
  timeout?: number;
  /** Seconds for a whole call with its retries. None. */
  deadline?: number;
  /** How often a call is tried again; 0 for never. Two times, after up to 0.5 s and 1 s. */
  retries?: number | RetryOptions;
  /** Sent with every request. */
  headers?: Readonly<Record<string, string>>;
  /** Names the program to the server, but for web pages: there the browser names itself. */
  userAgent?: string;
  /** Bytes that an answer may have; streams may have more. 100,000,000. */
  maxAnswer?: number;
  /** Told about requests, for logs. What they are told holds no secret. */
  hooks?: Hooks;
  /** What sends requests, instead of the platform's own. */
  fetch?: typeof globalThis.fetch;
  /** The time: seconds since the epoch. */
  clock?: () => number;
  /** Waits. For tests. */
  sleep?: (seconds: number, signal?: AbortSignal) => Promise<void>;
  /** A random number from 0 up to 1. For tests. */
  random?: () => number;
}

/** How calls are repeated. */
export interface RetryOptions {
  /** How often. 2. */
  count?: number;
  /** Seconds that the first pause has at most. 0.5. */
  base?: number;
  /** Seconds that any pause has at most. 8. */
  cap?: number;
  /** Seconds that a server may ask to wait for; for more there is no retry. 60. */
  maxRetryAfter?: number;
}

/** The options of one call. They win over those of the client. */
export interface CallOptions {
  /** Ends the call, its pauses and its streams; the call then throws the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Seconds for connecting, and between two reads. */
  timeout?: number | undefined;
  /** Seconds for the whole call with its retries. */
  deadline?: number | undefined;
  /** How often it is tried again. */
  retries?: number | RetryOptions | undefined;
  /** Further headers. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Names what is asked for: with the same key it is done once. The call may then be repeated. */
  idempotencyKey?: string | undefined;
  /** The scheme to call with, by its name in the document; `null` for none. */
  auth?: string | null | undefined;
  /** The media type to send the body as, where there are several. */
  contentType?: string | undefined;
}

/** What an issuer has given to a person or a program. */
export interface Tokens {
  accessToken?: string;
  refreshToken?: string;
  idToken?: string;
  /** When the access token ends: seconds since the epoch. */
  expiresAt?: number;
}

/** Keeps tokens over the end of a program. */
export interface TokenStore {
  load(): Tokens | undefined | Promise<Tokens | undefined>;
  save(tokens: Tokens): void | Promise<void>;
  clear(): void | Promise<void>;
  /** Where several programs share the tokens: do something while no other program does. */
  alone?(work: () => Promise<void>): Promise<void>;
}

/** An access key to sign with. */
export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  /** When they end: seconds since the epoch. */
  expiration?: number;
}

/** Functions that are told about requests. They hold no secret: `[redacted]` stands for each. */
export interface Hooks {
  beforeRequest?(request: RequestNotice): void;
  afterResponse?(response: ResponseNotice): void;
  onRetry?(retry: RetryNotice): void;
}

/** A request that is about to be sent. */
export interface RequestNotice {
  operation: string;
  method: string;
  url: string;
  headers: Record<string, string>;
  /** 1 is the first. */
  attempt: number;
}

/** An answer that has begun. */
export interface ResponseNotice extends RequestNotice {
  status: number;
  /** Those of the answer. */
  responseHeaders: Record<string, string>;
  /** Seconds. */
  duration: number;
}

/** A call that will be tried again. */
export interface RetryNotice {
  operation: string;
  method: string;
  url: string;
  /** The one that failed; 1 is the first. */
  attempt: number;
  /** Seconds until the next. */
  delay: number;
  /** Of the answer, if there was one. */
  status?: number;
  error: Error;
}

/** How people sign in. */
export interface LoginOptions {
  /** In web pages: begin with the page on which people sign up. */
  create?: boolean;
  /** In web pages: come back at once, whether somebody is known or not. */
  silent?: boolean;
  /** In terminals: show an address and a code instead of opening the browser (RFC 8628). */
  device?: boolean;
  /** Opens an address in a browser. For special terminals. */
  open?: (url: string) => void | Promise<void>;
  /** Shows a text to whoever signs in. The error stream unless this says otherwise. */
  show?: (text: string) => void;
  scopes?: readonly string[];
  signal?: AbortSignal;
  /** Seconds to wait for the person; 300. */
  timeout?: number;
}

/** Who is signed in, as far as the ID token says it. */
export interface SignedInUser {
  subject: string;
  name: string;
  email: string;
  /** All that the ID token says. */
  claims: Readonly<Record<string, unknown>>;
}

// What callers get

/** A problem document (RFC 9457), with whatever else it holds. */
export interface ProblemDocument {
  type?: string;
  title?: string;
  status?: number;
  detail?: string;
  instance?: string;
  errors?: unknown;
  [member: string]: unknown;
}

/** A value together with the answer that it came with. */
export interface WithResponse<T> {
  data: T;
  /** Status and headers; the body has been read, or is being read by `data`. */
  response: Response;
}

/** A server-sent event. */
export interface ServerEvent<T> {
  data: T;
  /** "message" where the server does not say. */
  event: string;
  /** The last one that the server has given. */
  id: string;
}

/** Bytes to send: held, on a disk, or coming in. */
export type Bytes = Blob | ArrayBuffer | ArrayBufferView<ArrayBufferLike> | string | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

/** A file of a form. */
export type Upload = Bytes | { content: Bytes; name?: string; type?: string };

/** A number of a request: exact ones are written digit by digit. */
export type ExactNumber = number | bigint | Decimal;

// What a generated SDK says of its API

/** What a client must know of an API. */
export interface Api {
  readonly name: string;
  readonly basePath: string;
  readonly server?: string;
  readonly schemes: Readonly<Record<string, Scheme>>;
  readonly userAgent: string;
  readonly clientId?: string;
  readonly region?: string;
}

/** A way to prove who calls. */
export interface Scheme {
  readonly kind: "key" | "basic" | "bearer" | "login" | "client" | "signed" | "none";
  readonly in?: "header" | "query" | "cookie";
  readonly name?: string;
  readonly discovery?: string;
  readonly authorizationUrl?: string;
  readonly tokenUrl?: string;
  readonly scopes?: readonly string[];
}

export type Style = "matrix" | "label" | "simple" | "form" | "spaceDelimited" | "pipeDelimited" | "tabDelimited" | "deepObject" | "cookie";

/** A parameter of an operation. */
export interface Parameter {
  /** As the caller knows it. */
  readonly argument: string;
  readonly name: string;
  readonly in: "path" | "query" | "header" | "cookie" | "querystring";
  readonly style: Style;
  readonly explode?: boolean;
  readonly required?: boolean;
  readonly reserved?: boolean;
  readonly json?: boolean;
  /** How a `Date` is written. */
  readonly date?: "date" | "datetime";
  readonly constant?: string | number | boolean;
}

/** How one property of a form is written. */
export interface Part {
  readonly file?: boolean;
  readonly repeated?: boolean;
  readonly type?: string;
  readonly style?: Style;
  readonly explode?: boolean;
}

export type ContentKind = "json" | "form" | "multipart" | "text" | "binary" | "events" | "jsonl";

/** One media type of a body. */
export interface Content {
  readonly type: string;
  readonly kind: ContentKind;
  readonly parts?: Readonly<Record<string, Part>>;
}

/** How an operation goes on to the next page. */
export interface Pages {
  readonly kind: "link" | "cursor" | "page" | "offset";
  readonly items: readonly string[];
  /** The argument that takes the cursor, the page or the offset. */
  readonly argument?: string;
  readonly cursor?: readonly string[];
  readonly more?: readonly string[];
  readonly first?: number;
}

/** What must be known to call an operation. */
export interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly server?: string;
  readonly parameters?: readonly Parameter[];
  readonly body?: {
    readonly required?: boolean;
    readonly contents: readonly Content[];
    /** Names of properties that are arguments as well; true: required. */
    readonly spread?: Readonly<Record<string, boolean>>;
  };
  readonly accept?: string;
  /** What the answer is read as where its media type does not say it. */
  readonly result?: "json" | "text" | "binary" | "events" | "jsonl" | "none";
  /** JSON types of the answer: what else comes cannot be read as the document says. */
  readonly shape?: "object" | "array" | "string" | "number" | "boolean";
  readonly exact?: boolean;
  /** Names of schemes: any of these lists will do, each needs all of its own. */
  readonly security?: readonly (readonly string[])[];
  readonly idempotencyHeader?: string;
  readonly pages?: Pages;
  readonly unsignedPayload?: boolean;
}

/** Stands for texts that this SDK does not know; at run time it is such a text: `String(value)`. */
declare const unknown: unique symbol;

/** A member of a union that this SDK does not know. It is kept, and can be sent back. */
export type UnknownMember<Discriminator extends string> = { readonly [Name in Discriminator]: typeof unknown } & { readonly [name: string]: unknown };
