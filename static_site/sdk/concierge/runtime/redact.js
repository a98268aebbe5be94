/** What hooks may see: everything but secrets. */

const HIDDEN = "[redacted]";
const HEADERS = ["authorization", "proxy-authorization", "cookie", "set-cookie", "x-amz-security-token", "x-api-key"];
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
    const shown = Array.from(headers, ([name, value]) => [name, this.#headers.has(name.toLowerCase()) ? HIDDEN : value]);
    return Object.fromEntries(shown);
  }

  /** @param {string} url */
  url(url) {
    const cut = url.indexOf("?");
    if (cut < 0) return url;
    return `${url.slice(0, cut + 1)}${url.slice(cut + 1).split("&").map((pair) => this.#pair(pair)).join("&")}`;
  }

  /** @param {string} pair */
  #pair(pair) {
    const name = pair.split("=", 1)[0] ?? "";
    return this.#query.has(plain(name).toLowerCase()) ? `${name}=${HIDDEN}` : pair;
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
