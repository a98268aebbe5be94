/**
 * AWS Signature Version 4, in the headers of a request.
 *
 * @import { Credentials } from "./types.js"
 */

import { bytesOf, percent } from "./encoding.js";
import { HmacKey, sha256, sha256OfBlob } from "./digest.js";

const SERVICE = "execute-api";
const ALGORITHM = "AWS4-HMAC-SHA256";
const BEYOND_ASCII = /[^\0-\x7f]/;
const READY = /^[A-Za-z0-9_.~/-]*$/;

export const UNSIGNED = "UNSIGNED-PAYLOAD";

/**
 * What is signed, ready to be sent.
 *
 * @typedef {object} Unsigned
 * @property {string} method
 * @property {string} host as the Host header will have it
 * @property {string} path percent-encoded, as it will be sent
 * @property {string} query as it will be sent
 * @property {Record<string, string>} headers by lower-case names; those that sign are added
 * @property {string | Uint8Array | Blob | undefined} body
 * @property {boolean} [unsignedPayload] leaves the body out, for operations that take that
 */

/** Signs requests for one region. The key of a day is kept: deriving it takes four HMACs. */
export class Signer {
  #region;
  /** @type {{ secret: string, day: string, key: HmacKey } | undefined} */
  #kept;

  /** @param {string} region */
  constructor(region) {
    this.#region = region;
  }

  /**
   * Add the headers that sign a request.
   *
   * @param {Unsigned} request
   * @param {Credentials} credentials
   * @param {number} now seconds since the epoch
   */
  async sign(request, credentials, now) {
    const { headers } = request;
    const moment = momentOf(now);
    headers["x-amz-date"] = moment;
    if (credentials.sessionToken) headers["x-amz-security-token"] = credentials.sessionToken;
    if (request.unsignedPayload) headers["x-amz-content-sha256"] = UNSIGNED;
    const payload = request.unsignedPayload ? UNSIGNED : await payloadHash(request.body);
    const { names, text } = canonicalRequest(request, payload);
    const day = moment.slice(0, 8);
    const scope = `${day}/${this.#region}/${SERVICE}/aws4_request`;
    const key = this.#keyOf(credentials.secretAccessKey, day) ?? (await this.#derive(credentials.secretAccessKey, day));
    const signature = await key.hex(`${ALGORITHM}\n${moment}\n${scope}\n${await sha256(asSent(text))}`);
    headers["authorization"] = `${ALGORITHM} Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  }

  /**
   * @param {string} secret
   * @param {string} day
   */
  #keyOf(secret, day) {
    return this.#kept?.day === day && this.#kept.secret === secret ? this.#kept.key : undefined;
  }

  /**
   * @param {string} secret
   * @param {string} day YYYYMMDD
   */
  async #derive(secret, day) {
    let key = new HmacKey(bytesOf(`AWS4${secret}`));
    for (const part of [day, this.#region, SERVICE, "aws4_request"]) key = new HmacKey(await key.bytes(part));
    this.#kept = { secret, day, key };
    return key;
  }
}

/**
 * What is signed as it will be sent: headers go out as Latin-1 (fetch, "byte string"), all else in it is ASCII.
 *
 * @param {string} text
 */
function asSent(text) {
  return BEYOND_ASCII.test(text) ? Uint8Array.from(text, (sign) => sign.charCodeAt(0)) : text;
}

/** @param {Unsigned["body"]} body */
function payloadHash(body) {
  return body instanceof Blob ? sha256OfBlob(body) : sha256(body ?? "");
}

/**
 * The canonical request, and the names of the headers that it covers: those that nobody changes on the way.
 *
 * @param {Unsigned} request
 * @param {string} payload the hash of the body
 */
export function canonicalRequest({ method, host, path, query, headers }, payload) {
  let lines = "";
  const signed = ["host"];
  for (const name in headers) if (name === "content-type" || name.startsWith("x-amz-")) signed.push(name);
  for (const name of signed.sort()) lines += `${name}:${name === "host" ? host : trimmed(/** @type {string} */ (headers[name]))}\n`;
  const names = signed.join(";");
  return { names, text: `${method}\n${canonicalPath(path)}\n${canonicalQuery(query)}\n${lines}\n${names}\n${payload}` };
}

/**
 * Dot segments and repeated slashes removed, then encoded once more, as every service but S3 has it.
 *
 * @param {string} path
 */
export function canonicalPath(path) {
  const plain = path === "" || path.includes("//") || path.includes("/.") ? normalised(path) : path;
  return READY.test(plain) ? plain : plain.split("/").map(percent).join("/");
}

/** @param {string} path */
function normalised(path) {
  /** @type {string[]} */
  const kept = [];
  for (const segment of path.split("/")) {
    if (segment === "..") kept.pop();
    else if (segment !== "" && segment !== ".") kept.push(segment);
  }
  return `/${kept.join("/")}${kept.length > 0 && path.endsWith("/") ? "/" : ""}`;
}

/**
 * Encoded in the one way, then sorted by name and by value.
 *
 * @param {string} query
 */
export function canonicalQuery(query) {
  if (query === "") return "";
  const pairs = query.split("&").filter(Boolean).map((item) => {
    const cut = item.indexOf("=");
    return cut < 0 ? [encoded(item), ""] : [encoded(item.slice(0, cut)), encoded(item.slice(cut + 1))];
  });
  pairs.sort(([a = "", x = ""], [b = "", y = ""]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : x > y ? 1 : 0));
  return pairs.map(([name, value]) => `${name}=${value}`).join("&");
}

/**
 * A part of a query string, encoded anew. Nothing is decoded but what needs no encoding: bytes stay as they are.
 *
 * @param {string} part
 */
function encoded(part) {
  if (READY.test(part) && !part.includes("/")) return part;
  return part.replace(/%([0-9A-Fa-f]{2})|\+|[^A-Za-z0-9_.~-]/gu, (found, code) => {
    if (found === "+") return "%20";
    if (code === undefined) return percent(found);
    const sign = String.fromCharCode(Number.parseInt(code, 16));
    return /[A-Za-z0-9_.~-]/.test(sign) ? sign : found.toUpperCase();
  });
}

/** @param {string} value */
function trimmed(value) {
  return value.includes(" ") || value.includes("\t") ? value.replace(/[ \t]+/g, " ").replace(/^ | $/g, "") : value;
}

let last = { second: 0, text: "19700101T000000Z" };

/** @param {number} now seconds since the epoch */
function momentOf(now) {
  const second = Math.floor(now);
  if (second !== last.second) last = { second, text: new Date(second * 1000).toISOString().replace(/[-:]|\.\d+/g, "") };
  return last.text;
}
