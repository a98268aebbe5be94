/**
 * Parameters in a request, in the styles of OpenAPI (OpenAPI 3.2, Style Values).
 *
 * @import { Parameter } from "./types.js"
 */

import { percent } from "./encoding.js";
import { BadArgument } from "./errors.js";
import { Decimal, write } from "./json.js";

/** @type {Partial<Record<string, string>>} */
const DELIMITERS = { spaceDelimited: "%20", pipeDelimited: "%7C", tabDelimited: "%09" };
const RESERVED = /%(3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/g; // what `reserved` leaves: not # & + = [ ], which end a value

/**
 * What stands in the path in place of `{name}`.
 *
 * @param {Parameter} parameter
 * @param {unknown} value
 */
export function pathText(parameter, value) {
  if (parameter.json) return percent(write(value));
  if (parameter.style === "matrix") return matrix(parameter, value);
  const dot = parameter.style === "label";
  return (dot ? "." : "") + parts(parameter, value, percent).join(dot && parameter.explode ? "." : ",");
}

/**
 * What stands in the query string, without the `&` between.
 *
 * @param {Parameter} parameter
 * @param {unknown} value
 * @returns {string[]}
 */
export function queryPairs(parameter, value) {
  const encode = parameter.reserved ? readable : percent;
  const name = percent(parameter.name);
  if (parameter.json) return [`${name}=${encode(write(value))}`];
  if (parameter.style === "deepObject" && isObject(value)) return deep(parameter, parameter.name, value);
  if (parameter.explode && isObject(value)) return parts(parameter, value, encode);
  if (parameter.explode && Array.isArray(value)) return parts(parameter, value, encode).map((part) => `${name}=${part}`);
  return [`${name}=${parts(parameter, value, encode).join(DELIMITERS[parameter.style] ?? ",")}`];
}

/**
 * A header's value: always in the style `simple`.
 *
 * @param {Parameter} parameter
 * @param {unknown} value
 */
export function headerText(parameter, value) {
  return parameter.json ? write(value) : parts(parameter, value, String).join(",");
}

/**
 * What stands in the Cookie header, without the `; ` between.
 *
 * @param {Parameter} parameter
 * @param {unknown} value
 * @returns {string[]}
 */
export function cookiePairs(parameter, value) {
  if (parameter.style !== "cookie") return queryPairs(parameter, value);
  const pair = `${parameter.name}=${headerText(parameter, value)}`; // nothing is encoded
  if (pair.includes(";")) throw new BadArgument("a semicolon would begin another cookie");
  return [pair];
}

/**
 * One value as text: `true`, `1.5`, `null`; an object or array inside another is JSON.
 *
 * @param {unknown} value
 * @param {"date" | "datetime"} [date] how a Date is written
 * @returns {string}
 */
export function scalar(value, date) {
  if (typeof value === "string") return value;
  if (value instanceof Date) return moment(value, date);
  if (typeof value === "bigint" || value instanceof Decimal) return value.toString();
  return write(value);
}

/**
 * @param {Date} value
 * @param {"date" | "datetime"} [date]
 */
function moment(value, date) {
  if (Number.isNaN(value.getTime())) throw new BadArgument("a Date that is no date cannot be sent");
  const text = value.toISOString();
  return date === "date" ? text.slice(0, 10) : text;
}

/**
 * @param {Parameter} parameter
 * @param {unknown} value
 */
function matrix(parameter, value) {
  const name = percent(parameter.name);
  const found = parts(parameter, value, percent);
  if (parameter.explode && isObject(value)) return found.map((part) => `;${part}`).join("");
  if (parameter.explode && Array.isArray(value)) return found.map((part) => `;${name}=${part}`).join("");
  const joined = found.join(",");
  return joined ? `;${name}=${joined}` : `;${name}`;
}

/**
 * @param {Parameter} parameter
 * @param {unknown} value
 * @param {(text: string) => string} encode
 * @returns {string[]}
 */
function parts({ explode, date }, value, encode) {
  if (Array.isArray(value)) return value.map((part) => encode(scalar(part, date)));
  if (!isObject(value)) return [encode(scalar(value, date))];
  const members = Object.entries(value).filter(([, part]) => part !== undefined);
  if (explode) return members.map(([key, part]) => `${encode(key)}=${encode(scalar(part, date))}`);
  return members.flatMap(([key, part]) => [encode(key), encode(scalar(part, date))]);
}

/**
 * @param {Parameter} parameter
 * @param {string} name
 * @param {Record<string, unknown>} value
 * @returns {string[]}
 */
function deep(parameter, name, value) {
  return Object.entries(value).flatMap(([key, part]) => {
    const inner = `${name}[${key}]`;
    if (part === undefined) return [];
    if (isObject(part)) return deep(parameter, inner, part);
    const all = Array.isArray(part) ? part : [part];
    return all.map((one) => `${percent(inner)}=${percent(scalar(one, parameter.date))}`);
  });
}

/** @param {string} text */
function readable(text) {
  return percent(text).replace(RESERVED, decodeURIComponent);
}

/**
 * Whether a value is an object with members of its own, rather than one text.
 *
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date) && !(value instanceof Decimal);
}
