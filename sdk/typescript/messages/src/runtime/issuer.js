/**
 * The issuer of tokens: where it is (OpenID Connect Discovery, RFC 8414), and what it is asked for.
 *
 * @import { Credentials } from "./types.js"
 */

import { base64, bytesOf } from "./encoding.js";
import { apiError, ConnectionFailed, SignInFailed } from "./errors.js";
import { retryAfter } from "./retry.js";

const WELL_KNOWN = "/.well-known/openid-configuration";
const LOOPBACK = /^(?:localhost|127\.0\.0\.1|\[::1\])$/;

/**
 * @typedef {object} Metadata
 * @property {string} issuer
 * @property {string} [authorization_endpoint]
 * @property {string} [token_endpoint]
 * @property {string} [revocation_endpoint]
 * @property {string} [end_session_endpoint]
 * @property {string} [device_authorization_endpoint]
 * @property {string} [credentials_endpoint]
 * @property {boolean} [authorization_response_iss_parameter_supported]
 */

/**
 * What an issuer answers with (RFC 6749 section 5.1, OpenID Connect Core section 3.1.3.3).
 *
 * @typedef {object} TokenAnswer
 * @property {string} access_token
 * @property {number} [expires_in]
 * @property {string} [refresh_token]
 * @property {string} [id_token]
 */

/**
 * @typedef {object} IssuerOptions
 * @property {string} [discovery] where the metadata is; absolute
 * @property {boolean} [near] whether it was written relative to the API: the host may have two names
 * @property {Metadata} [metadata] where there is no discovery
 * @property {typeof globalThis.fetch} fetch
 * @property {number} timeout seconds
 * @property {() => number} clock
 * @property {string | undefined} clientId
 * @property {string | undefined} clientSecret
 */

/** One issuer, and one client of it. */
export class Issuer {
  #options;
  #secret;
  /** @type {Promise<Metadata> | undefined} */
  #metadata;

  /** @param {IssuerOptions} options */
  constructor({ clientSecret, ...options }) {
    this.#options = options;
    this.#secret = clientSecret;
  }

  get clientId() {
    return this.#options.clientId;
  }

  get hasSecret() {
    return this.#secret !== undefined;
  }

  /**
   * Whether an origin is another name of the one that this issuer was found at: `localhost` and `127.0.0.1`.
   *
   * @param {string} origin
   * @param {string} other
   */
  isOtherName(origin, other) {
    return this.#options.near === true && origin !== other && isSameMachine(new URL(origin), new URL(other));
  }

  /**
   * Its addresses; asked for once.
   *
   * @returns {Promise<Metadata>}
   */
  async metadata() {
    this.#metadata ??= this.#discover();
    try {
      return await this.#metadata;
    } catch (error) {
      this.#metadata = undefined;
      throw error;
    }
  }

  async #discover() {
    const { discovery, metadata } = this.#options;
    if (discovery === undefined) return checked(/** @type {Metadata} */ (metadata));
    if (!isSafe(discovery)) throw new SignInFailed("The address of the issuer's metadata is not https.");
    const found = /** @type {Metadata} */ (await this.#ask("the issuer's metadata", discovery, { headers: { accept: "application/json" } }));
    if (!this.#isIssuer(found?.issuer, discovery)) throw new SignInFailed("The issuer's metadata is that of another issuer.");
    return checked(found);
  }

  /**
   * @param {unknown} issuer
   * @param {string} discovery
   */
  #isIssuer(issuer, discovery) {
    const expected = discovery.endsWith(WELL_KNOWN) ? discovery.slice(0, -WELL_KNOWN.length) : undefined;
    if (typeof issuer !== "string" || !URL.canParse(issuer)) return false;
    if (expected === undefined || issuer.replace(/\/$/, "") === expected.replace(/\/$/, "")) return true;
    const [said, asked] = [new URL(issuer), new URL(expected)];
    return this.#options.near === true && isSameMachine(said, asked) && said.pathname === asked.pathname;
  }

  /**
   * Tokens for a grant. Throws SignInFailed where it is refused.
   *
   * @param {Record<string, string>} form
   * @param {AbortSignal} [signal]
   * @returns {Promise<TokenAnswer>}
   */
  async tokens(form, signal) {
    const answer = /** @type {TokenAnswer} */ (await this.post("token_endpoint", form, signal));
    if (typeof answer?.access_token !== "string") throw new SignInFailed("The issuer answered without an access token.");
    return answer;
  }

  /**
   * @param {"token_endpoint" | "revocation_endpoint" | "device_authorization_endpoint"} endpoint
   * @param {Record<string, string>} form
   * @param {AbortSignal} [signal]
   */
  async post(endpoint, form, signal) {
    const address = (await this.metadata())[endpoint];
    if (address === undefined) throw new SignInFailed(`The issuer has no ${endpoint}.`);
    const body = new URLSearchParams(form);
    /** @type {Record<string, string>} */
    const headers = { accept: "application/json" };
    if (this.#secret === undefined) body.set("client_id", this.clientId ?? "");
    else headers["authorization"] = `Basic ${base64(bytesOf(`${formText(this.clientId ?? "")}:${formText(this.#secret)}`))}`;
    return this.#ask(endpoint, address, { method: "POST", headers, body }, signal);
  }

  /** Whether tokens can be exchanged for keys to sign with. */
  async givesCredentials() {
    return (await this.metadata()).credentials_endpoint !== undefined;
  }

  /**
   * Keys to sign with.
   *
   * @param {string} token
   * @param {string} [role]
   * @returns {Promise<Credentials>}
   */
  async credentials(token, role) {
    const { credentials_endpoint: endpoint = "" } = await this.metadata();
    const headers = { accept: "application/json", "content-type": "application/json", authorization: `Bearer ${token}` };
    const body = JSON.stringify(role === undefined ? {} : { PreferredRole: role });
    const found = /** @type {Record<string, any>} */ (await this.#ask("credentials", endpoint, { method: "POST", headers, body }));
    return { accessKeyId: found["AccessKeyId"], secretAccessKey: found["SecretKey"], sessionToken: found["SessionToken"], expiration: found["Expiration"] };
  }

  /**
   * @param {string} what for people
   * @param {string} address
   * @param {RequestInit} init
   * @param {AbortSignal} [signal]
   * @returns {Promise<unknown>}
   */
  async #ask(what, address, init, signal) {
    const { fetch, timeout, clock } = this.#options;
    const ends = AbortSignal.timeout(timeout * 1000);
    let response, text;
    try {
      response = await fetch(address, { ...init, redirect: "error", credentials: "same-origin", signal: signal ? AbortSignal.any([ends, signal]) : ends });
      text = await response.text();
    } catch (cause) {
      signal?.throwIfAborted();
      throw new ConnectionFailed(`${what}: the issuer cannot be reached`, { cause, unsent: true });
    }
    const said = parsed(text);
    if (response.ok && said !== undefined) return said;
    if (response.ok) return text === "" ? {} : Promise.reject(new SignInFailed(`${what}: the issuer's answer is no JSON.`));
    if (typeof said?.error !== "string" || response.status >= 500) throw apiError(what, response, text, retryAfter(response.headers, clock()));
    const description = typeof said.error_description === "string" ? said.error_description : "";
    throw new SignInFailed(`The issuer refuses: ${said.error}${description && `: ${description}`}`, { error: said.error, description });
  }
}

/**
 * Whether two addresses are of one server of this machine.
 *
 * @param {URL} one
 * @param {URL} other
 */
function isSameMachine(one, other) {
  return LOOPBACK.test(one.hostname) && LOOPBACK.test(other.hostname) && one.port === other.port;
}

/**
 * Metadata whose addresses are all safe to send secrets to.
 *
 * @param {Metadata} metadata
 */
function checked(metadata) {
  for (const [name, value] of Object.entries(metadata)) {
    if (name.endsWith("_endpoint") && !isSafe(value)) throw new SignInFailed(`The issuer's ${name} is not https.`);
  }
  return metadata;
}

/** @param {unknown} address */
function isSafe(address) {
  if (typeof address !== "string" || !URL.canParse(address)) return false;
  const { protocol, hostname } = new URL(address);
  return protocol === "https:" || (protocol === "http:" && LOOPBACK.test(hostname));
}

/** @param {string} text */
function formText(text) {
  return new URLSearchParams({ a: text }).toString().slice(2); // RFC 6749 section 2.3.1
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
