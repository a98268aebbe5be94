/** What hooks may see: everything but secrets. */

const HIDDEN = "[redacted]";
const HEADERS = ["authorization", "proxy-authorization", "cookie", "set-cookie", "x-amz-security-token", "x-api-key"];
const ADDRESSES = new Set(["location", "content-location", "link", "refresh"]); // headers that hold some
const QUERY = ["x-amz-signature", "x-amz-security-token", "x-amz-credential", "access_token", "api_key", "apikey", "key", "token", "signature", "sig", "code"];

/** Takes out of requests and answers what proves who somebody is. */
export class Redactor {
  #headers;
  #query;

  /** @param {Iterable<import("./types.js").Scheme>} schemes whose keys are secrets */
  constructor(schemes) {
    const keys = Array.from(schemes).filter((one) => one.kind === "key");
    const names = (/** @type {string} */ place) => keys.filter((one) => one.in === place).map((one) => (one.name ?? "").toLowerCase());
    this.#headers = new Set([...HEADERS, ...names("header")]);
    this.#query = new Set([...QUERY, ...names("query")]);
  }

  /**
   * @param {Iterable<[string, string]>} headers
   * @returns {Record<string, string>}
   */
  headers(headers) {
    /** @type {[string, string][]} */
    const shown = Array.from(headers, ([name, value]) => [name, this.#value(name.toLowerCase(), value)]);
    return Object.fromEntries(shown);
  }

  /**
   * @param {string} name
   * @param {string} value
   */
  #value(name, value) {
    if (this.#headers.has(name)) return HIDDEN;
    return ADDRESSES.has(name) ? this.url(value) : value;
  }

  /**
   * A URL, or a text with some, without what is secret in their queries and fragments.
   *
   * @param {string} url
   */
  url(url) {
    return url.replace(/([?&#]([^?&#=]*)=)[^&#>]*/g, (pair, before, name) => (this.#query.has(plain(name).toLowerCase()) ? before + HIDDEN : pair));
  }
}

/** @param {string} name */
function plain(name) {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
