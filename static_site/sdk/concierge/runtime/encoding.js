/** Texts of the protocol: percent-encoding, base64, random names. */

import { BadArgument } from "./errors.js";

const PLAIN = /^[A-Za-z0-9_.~-]*$/;
const utf8 = new TextEncoder();

/**
 * Percent-encode all but the unreserved characters of RFC 3986 section 2.3.
 *
 * @param {string} text
 */
export function percent(text) {
  return PLAIN.test(text) ? text : wellFormed(text).replace(/[!'()*]/g, byHand);
}

/** @param {string} text */
function wellFormed(text) {
  try {
    return encodeURIComponent(text);
  } catch {
    throw new BadArgument("a text with half of a character (a lone surrogate) cannot be sent");
  }
}

/** @param {string} one */
function byHand(one) {
  return `%${one.charCodeAt(0).toString(16).toUpperCase()}`;
}

/** @param {string} text */
export function bytesOf(text) {
  return utf8.encode(text);
}

/** @param {Uint8Array} bytes */
export function base64(bytes) {
  let text = "";
  for (const one of bytes) text += String.fromCharCode(one);
  return btoa(text);
}

/**
 * base64url without padding (RFC 4648 section 5).
 *
 * @param {Uint8Array} bytes
 */
export function base64url(bytes) {
  return base64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** A text that nobody can guess: 256 bits. */
export function secret() {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

const pool = new Uint8Array(4096); // asking for random bytes costs much more than the bytes
let used = pool.length;

/** A name that nobody else makes: 32 hexadecimal digits. */
export function unique() {
  if (used === pool.length) {
    crypto.getRandomValues(pool);
    used = 0;
  }
  used += 16;
  return hexadecimal(pool.subarray(used - 16, used));
}

const DIGITS = Array.from({ length: 256 }, (_, one) => one.toString(16).padStart(2, "0"));

/** @param {Uint8Array} bytes */
export function hexadecimal(bytes) {
  let text = "";
  for (const one of bytes) text += DIGITS[one];
  return text;
}

/**
 * What a JSON Web Token says. Nothing is verified: for tokens that came from their issuer itself.
 *
 * @param {string} token
 * @returns {Record<string, unknown>}
 */
export function claimsOf(token) {
  const text = atob((token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/"));
  const claims = JSON.parse(new TextDecoder().decode(Uint8Array.from(text, (sign) => sign.charCodeAt(0))));
  if (typeof claims !== "object" || claims === null) throw new TypeError("a token that says nothing");
  return claims;
}
