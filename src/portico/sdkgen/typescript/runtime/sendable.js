/** What can be sent as it is given. */

import { BadArgument } from "./errors.js";

/**
 * Headers by lower-case names.
 *
 * @param {Readonly<Record<string, string | undefined>>} headers
 */
export function lowerCase(headers) {
  /** @type {Record<string, string>} */
  const found = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) found[name.toLowerCase()] = sendable(name, value);
  }
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
