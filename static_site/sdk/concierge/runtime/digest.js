/**
 * SHA-256 and HMAC: Node's own where it is at hand, since it answers at once; else Web Crypto, which browsers have on
 * https and on loopback addresses only.
 */

import { bytesOf, hexadecimal } from "./encoding.js";
import { SdkError } from "./errors.js";
import { builtin } from "./platform.js";

const node = builtin("node:crypto");
const HMAC = { name: "HMAC", hash: "SHA-256" };

function subtle() {
  if (globalThis.crypto?.subtle) return crypto.subtle;
  throw new SdkError("Signing requests and signing in need https: on this page the browser offers no cryptography.");
}

/** @param {string | Uint8Array} data */
function bytes(data) {
  return /** @type {Uint8Array<ArrayBuffer>} */ (typeof data === "string" ? bytesOf(data) : data);
}

/**
 * SHA-256 in hexadecimal digits; a promise of it in browsers.
 *
 * @type {(data: string | Uint8Array) => string | Promise<string>}
 */
export const sha256 = node
  ? node.hash
    ? (data) => node.hash("sha256", data, "hex")
    : (data) => node.createHash("sha256").update(data).digest("hex")
  : async (data) => hexadecimal(new Uint8Array(await subtle().digest("SHA-256", bytes(data))));

/**
 * The same of what comes in pieces. In browsers all of it is held for a moment: Web Crypto takes no pieces.
 *
 * @param {Blob} blob
 * @returns {Promise<string>}
 */
export async function sha256OfBlob(blob) {
  if (!node) return sha256(new Uint8Array(await blob.arrayBuffer()));
  const hash = node.createHash("sha256");
  const reader = blob.stream().getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return hash.digest("hex");
    hash.update(value);
  }
}

/** A key that texts are signed with. */
export class HmacKey {
  #key;

  /** @param {Uint8Array} raw */
  constructor(raw) {
    this.#key = node ? node.createSecretKey(raw) : subtle().importKey("raw", bytes(raw), HMAC, false, ["sign"]);
  }

  /**
   * HMAC-SHA-256 (RFC 2104) in hexadecimal digits; a promise of it in browsers.
   *
   * @param {string} text
   * @returns {string | Promise<string>}
   */
  hex(text) {
    if (node) return node.createHmac("sha256", this.#key).update(text).digest("hex");
    return this.bytes(text).then(hexadecimal);
  }

  /**
   * @param {string} text
   * @returns {Promise<Uint8Array>}
   */
  async bytes(text) {
    if (node) return node.createHmac("sha256", this.#key).update(text).digest();
    return new Uint8Array(await subtle().sign("HMAC", await this.#key, bytes(text)));
  }
}

/**
 * SHA-256 as bytes.
 *
 * @param {string} text
 * @returns {Promise<Uint8Array>}
 */
export async function digest(text) {
  return node ? node.createHash("sha256").update(text).digest() : new Uint8Array(await subtle().digest("SHA-256", bytes(text)));
}
