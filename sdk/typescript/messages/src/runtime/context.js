/**
 * What one client holds: its options, complete, and whoever is signed in. Nothing of it can be seen from outside.
 *
 * @import { Api, ClientOptions, Operation } from "./types.js"
 */

import { CredentialKeeper } from "./credentials.js";
import { BadArgument } from "./errors.js";
import { Issuer } from "./issuer.js";
import { nodeSend } from "./node-http.js";
import { isNode, isPage, version } from "./platform.js";
import { Redactor } from "./redact.js";
import { Template } from "./request.js";
import { retriesOf } from "./retry.js";
import { lowerCase, positive, sendable } from "./sendable.js";
import { Signer } from "./sign.js";
import { MemoryTokenStore, TokenKeeper } from "./tokens.js";

const OPTIONS = new Set([
  "apiKey", "accessToken", "tokens", "basic", "clientId", "clientSecret", "scopes", "credentials", "role", "region", "tokenStore", "trustedOrigins",
  "redirectUri", "issuer", "timeout", "deadline", "retries", "headers", "userAgent", "maxAnswer", "hooks", "fetch", "clock", "sleep", "random",
]);

export class Context {
  /** Seconds that the server's clock is ahead of this one. */
  offset = 0;
  #apiKey;
  #accessToken;
  #trusted;
  #ownServers;
  /** @type {WeakMap<Operation, Template>} */
  #templates = new WeakMap();

  /**
   * @param {Api} api
   * @param {string | URL | undefined} baseUrl
   * @param {ClientOptions} options
   */
  constructor(api, baseUrl, options) {
    for (const name of Object.keys(options)) {
      if (!OPTIONS.has(name)) throw new BadArgument(`there is no option ${JSON.stringify(name)}. There are: ${[...OPTIONS].join(", ")}`, name);
    }
    this.api = api;
    this.base = baseOf(api, baseUrl);
    this.#ownServers = baseUrl === undefined;
    this.#trusted = new Set([this.base.origin, ...(options.trustedOrigins ?? []).map(originOf)]);
    /** What sends requests, where it is not `fetch`. */
    this.send = options.fetch ? undefined : nodeSend;
    this.fetch = options.fetch ?? ((input, init) => fetch(input, init));
    this.clock = options.clock ?? (() => Date.now() / 1000);
    this.sleep = options.sleep ?? sleep;
    this.random = options.random ?? Math.random;
    this.timeout = positive("timeout", options.timeout ?? 30);
    this.deadline = options.deadline;
    this.retries = retriesOf(options.retries);
    this.maxAnswer = options.maxAnswer ?? 100_000_000;
    this.headers = lowerCase(options.headers ?? {});
    if (isNode || !isPage) this.headers["user-agent"] ??= options.userAgent ?? `${api.userAgent} ${version}`.trim();
    this.hooks = options.hooks ?? {};
    this.redactor = new Redactor(Object.values(api.schemes));
    this.basic = options.basic;
    this.#apiKey = this.#keys(options.apiKey);
    this.#accessToken = options.accessToken;
    this.scopes = options.scopes ?? scopesOf(api);
    this.issuer = issuerOf(api, this.base, options, this);
    this.tokens = new TokenKeeper({ issuer: this.issuer, clock: this.clock, store: options.tokenStore ?? new MemoryTokenStore(), tokens: options.tokens, scopes: this.scopes });
    this.credentials = new CredentialKeeper({ given: options.credentials, issuer: this.issuer, token: (instead) => this.token(instead), role: options.role, clock: () => this.now() });
    this.signer = new Signer(options.region ?? api.region ?? "us-east-1");
    this.redirectUri = options.redirectUri;
  }

  /** The time of the server, as far as it is known. */
  now() {
    return this.clock() + this.offset;
  }

  /** Whether somebody is signed in, or can be without being asked. */
  get signedIn() {
    return this.#accessToken !== undefined || this.tokens.available;
  }

  /** Whether another token can take the place of one that was refused. */
  get canRenew() {
    return this.#accessToken === undefined && this.issuer !== undefined;
  }

  /**
   * A token for the API; undefined when nobody is signed in.
   *
   * @param {string} [instead] one that was refused
   * @returns {Promise<string | undefined>}
   */
  async token(instead) {
    if (this.#accessToken === undefined) return this.tokens.peek(instead) ?? this.tokens.token(instead);
    const token = typeof this.#accessToken === "function" ? await this.#accessToken() : this.#accessToken;
    return sendable("accessToken", token);
  }

  /**
   * The key of a scheme.
   *
   * @param {string} scheme
   */
  keyOf(scheme) {
    return Object.hasOwn(this.#apiKey, scheme) ? this.#apiKey[scheme] : undefined;
  }

  /**
   * @param {Operation} operation
   * @returns {Template}
   */
  template(operation) {
    let found = this.#templates.get(operation);
    if (!found) this.#templates.set(operation, (found = new Template(operation, this.#baseOf(operation))));
    return found;
  }

  /**
   * What is called for an operation; the document may name another server for it.
   *
   * @param {Operation} operation
   */
  #baseOf({ id, server }) {
    if (server === undefined || !this.#ownServers) return this.base;
    const { protocol, origin, host, pathname } = new URL(server, this.base.origin);
    if (protocol !== "https:" && this.base.origin.startsWith("https:")) throw new BadArgument(`${id}: the document would have it called at ${origin}, without https`);
    return { origin, host, path: pathname.replace(/\/+$/, "") };
  }

  /**
   * Whether an origin is shown who calls.
   *
   * @param {string} origin
   */
  trusts(origin) {
    return this.#trusted.has(origin);
  }

  /**
   * @param {ClientOptions["apiKey"]} given
   * @returns {Readonly<Record<string, string>>}
   */
  #keys(given) {
    const takers = Object.keys(this.api.schemes).filter((name) => this.api.schemes[name]?.kind === "key");
    if (typeof given === "string") {
      if (takers.length !== 1) throw new BadArgument(`this API has ${takers.length} schemes that take a key: give apiKey as an object with their names`, "apiKey");
      return { [/** @type {string} */ (takers[0])]: sendable("apiKey", given) };
    }
    for (const [name, key] of Object.entries(given ?? {})) {
      if (!takers.includes(name)) throw new BadArgument(`there is no scheme ${JSON.stringify(name)} that takes a key. There are: ${takers.join(", ")}`, "apiKey");
      sendable("apiKey", key);
    }
    return given ?? {};
  }
}

/**
 * The address that paths are relative to.
 *
 * @param {Api} api
 * @param {string | URL | undefined} given
 */
function baseOf(api, given) {
  const text = given === undefined ? api.server : String(given);
  if (text === undefined) throw new BadArgument(`the document names no server: say where it is, such as new ${api.name}("http://localhost:8000")`, "baseUrl");
  const here = isPage ? location.origin : undefined;
  if (!URL.canParse(text, here)) throw new BadArgument("the base URL is none", "baseUrl");
  const url = new URL(text, here);
  const isPlain = /^https?:$/.test(url.protocol) && url.username === "" && url.password === "" && url.search === "" && url.hash === "";
  if (!isPlain) throw new BadArgument("the base URL is http or https, a host and a path, and nothing else", "baseUrl");
  const path = url.pathname === "/" ? api.basePath : url.pathname;
  return { origin: url.origin, host: url.host, path: path.replace(/\/+$/, "") };
}

/** @param {string} text */
function originOf(text) {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.href !== `${url.origin}/`) throw new BadArgument("trustedOrigins holds addresses such as https://files.example", "trustedOrigins");
  return url.origin;
}

/** @param {Api} api */
function scopesOf(api) {
  const scopes = Object.values(api.schemes).flatMap((scheme) => scheme.scopes ?? []);
  const isLogin = Object.values(api.schemes).some((scheme) => scheme.discovery !== undefined);
  return [...new Set([...(isLogin ? ["openid"] : []), ...scopes])];
}

/**
 * @param {Api} api
 * @param {{ origin: string }} base
 * @param {ClientOptions} options
 * @param {Context} context
 */
function issuerOf(api, base, options, { fetch, timeout, clock }) {
  const schemes = Object.values(api.schemes);
  const scheme = schemes.find((one) => one.discovery !== undefined) ?? schemes.find((one) => one.tokenUrl !== undefined);
  const common = { fetch, timeout, clock, clientId: options.clientId ?? api.clientId, clientSecret: options.clientSecret };
  if (options.issuer !== undefined) return new Issuer({ ...common, discovery: `${options.issuer.replace(/\/$/, "")}/.well-known/openid-configuration` });
  if (scheme?.discovery !== undefined) {
    const near = !/^[a-z][a-z0-9+.-]*:/i.test(scheme.discovery);
    return new Issuer({ ...common, discovery: new URL(scheme.discovery, base.origin).href, near });
  }
  if (scheme?.tokenUrl === undefined) return undefined;
  /** @type {import("./issuer.js").Metadata} */
  const metadata = { issuer: "", token_endpoint: new URL(scheme.tokenUrl, base.origin).href };
  if (scheme.authorizationUrl !== undefined) metadata.authorization_endpoint = new URL(scheme.authorizationUrl, base.origin).href;
  return new Issuer({ ...common, metadata });
}

/**
 * @param {number} seconds
 * @param {AbortSignal} [signal]
 * @returns {Promise<void>}
 */
function sleep(seconds, signal) {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, seconds * 1000);
    signal?.addEventListener("abort", abort, { once: true });
    if (signal?.aborted) abort();
  });
}
