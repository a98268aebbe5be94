/** What can be sent as it is given. */

import { BadArgument } from "./errors.js";

const FRAMING = new Set(["host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer"]);

/**
 * Headers by lower-case names.
 *
 * @param {Readonly<Record<string, string | undefined>>} headers
 */
export function lowerCase(headers) {
  /** @type {Record<string, string>} */
  const found = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) found[headerName(name)] = sendable(name, value);
  }
  return found;
}

/**
 * A name that a header can have (RFC 9110 section 5.1), in lower case.
 *
 * @param {string} name
 */
export function headerName(name) {
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) throw new BadArgument(`no header can be called ${JSON.stringify(name)}`, name);
  const found = name.toLowerCase();
  if (FRAMING.has(found)) throw new BadArgument(`${name} is made by the client`, name);
  return found;
}

/**
 * A text that can be a header's value. What is wrong is told without it: it may be a secret.
 *
 * @param {string} name
 * @param {string} value
 */
export function sendable(name, value) {
  if (typeof value !== "string") throw new BadArgument(`${name} is no text`, name);
  if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) throw new BadArgument(`${name} holds characters that no header can have`, name);
  return value;
}

/**
 * @param {string} name
 * @param {number} value
 */
export function positive(name, value) {
  if (!(value > 0)) throw new BadArgument(`${name} is a number of seconds`, name);
  return value;
}
