/**
 * JSON without loss: integers that a double cannot hold are `bigint`, decimals that it cannot hold are `Decimal`, and
 * both are written digit by digit. Whatever a double holds is a number, read and written by the platform itself.
 */

import { BadArgument } from "./errors.js";

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const LONG = /(?:^|[:[,\s])-?\d(?:[\d.]{14}|[\d.]*[eE])/; // finds all that a double may not hold, and some texts
const DEEPEST = 2_000; // arrays and objects inside one another

/** A number as it was written. Compute with it by a library for that; `Number(decimal)` is the nearest double. */
export class Decimal {
  #text;

  /** @param {string} text such as "0.1000000000000000055" */
  constructor(text) {
    if (!NUMBER.test(text)) throw new BadArgument(`${JSON.stringify(text.slice(0, 40))} is no number`);
    this.#text = text;
  }

  toString() {
    return this.#text;
  }

  valueOf() {
    return Number(this.#text);
  }

  /** A text: JSON.stringify has no way to write exact digits. The SDK writes a number. */
  toJSON() {
    return this.#text;
  }

  [Symbol.for("nodejs.util.inspect.custom")]() {
    return `Decimal(${this.#text})`;
  }
}

/**
 * Read JSON. Throws SyntaxError.
 *
 * @param {string} text
 * @param {boolean} [exact] whether numbers may be in it that a double cannot hold
 * @returns {unknown}
 */
export function read(text, exact = false) {
  return exact && LONG.test(text) ? new Reader(text).document() : JSON.parse(text);
}

/**
 * Write JSON.
 *
 * @param {unknown} value
 * @returns {string}
 */
export function write(value) {
  const exact = look(value, 0);
  const text = exact ? exactly(value) : JSON.stringify(value);
  if (text === undefined) throw new BadArgument(`${typeof value} cannot be written as JSON`);
  return text;
}

/**
 * Whether a value holds numbers that JSON.stringify cannot write.
 *
 * @param {unknown} value
 * @param {number} depth
 * @returns {boolean}
 */
function look(value, depth) {
  if (typeof value === "bigint") return true;
  if (typeof value === "number" && !Number.isFinite(value)) throw new BadArgument(`${value} cannot be written as JSON`);
  if (typeof value !== "object" || value === null) return false;
  if (value instanceof Decimal) return true;
  if (depth > DEEPEST) throw new BadArgument("a value that holds itself, or goes too deep, cannot be written as JSON");
  let exact = false;
  for (const part of Array.isArray(value) ? value : Object.values(value)) exact = look(part, depth + 1) || exact;
  return exact;
}

/**
 * @param {any} value
 * @returns {string | undefined}
 */
function exactly(value) {
  if (typeof value === "bigint" || value instanceof Decimal) return value.toString();
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (typeof value.toJSON === "function") return exactly(value.toJSON());
  if (Array.isArray(value)) return `[${value.map((part) => exactly(part) ?? "null").join(",")}]`;
  const members = [];
  for (const [name, part] of Object.entries(value)) {
    const text = exactly(part);
    if (text !== undefined) members.push(`${JSON.stringify(name)}:${text}`);
  }
  return `{${members.join(",")}}`;
}

/** Reads JSON (RFC 8259) as JSON.parse does, but for numbers. */
class Reader {
  #text;
  #at = 0;
  #depth = 0;

  /** @param {string} text */
  constructor(text) {
    this.#text = text;
  }

  document() {
    const value = this.#value();
    this.#blank();
    if (this.#at < this.#text.length) throw this.#wrong();
    return value;
  }

  /** @returns {unknown} */
  #value() {
    this.#blank();
    switch (this.#text[this.#at]) {
      case "{":
        return this.#inside(() => this.#object());
      case "[":
        return this.#inside(() => this.#array());
      case '"':
        return this.#string();
      default:
        return this.#word();
    }
  }

  /**
   * @template T
   * @param {() => T} read
   */
  #inside(read) {
    if (++this.#depth > DEEPEST) throw new SyntaxError("JSON that goes too deep");
    this.#at += 1;
    const value = read();
    this.#depth -= 1;
    return value;
  }

  #object() {
    /** @type {Record<string, unknown>} */
    const value = {};
    if (this.#take("}")) return value;
    do {
      this.#blank();
      const name = this.#string();
      this.#expect(":");
      const part = this.#value();
      if (name === "__proto__") Object.defineProperty(value, name, { value: part, enumerable: true, configurable: true, writable: true });
      else value[name] = part;
    } while (this.#take(","));
    this.#expect("}");
    return value;
  }

  #array() {
    /** @type {unknown[]} */
    const value = [];
    if (this.#take("]")) return value;
    do value.push(this.#value());
    while (this.#take(","));
    this.#expect("]");
    return value;
  }

  #string() {
    const begin = this.#at;
    if (this.#text[begin] !== '"') throw this.#wrong();
    let end = begin + 1;
    while (end < this.#text.length && this.#text[end] !== '"') end += this.#text[end] === "\\" ? 2 : 1;
    this.#at = end + 1;
    return /** @type {string} */ (JSON.parse(this.#text.slice(begin, end + 1)));
  }

  #word() {
    const word = /[-+.\w]*/y;
    word.lastIndex = this.#at;
    const text = word.exec(this.#text)?.[0] ?? "";
    if (text === "") throw this.#wrong();
    const value = NUMBER.test(text) ? number(text) : JSON.parse(text);
    this.#at += text.length;
    return value;
  }

  #blank() {
    const blank = /[ \t\r\n]*/y;
    blank.lastIndex = this.#at;
    blank.test(this.#text);
    this.#at = blank.lastIndex;
  }

  /** @param {string} sign */
  #take(sign) {
    this.#blank();
    if (this.#text[this.#at] !== sign) return false;
    this.#at += 1;
    return true;
  }

  /** @param {string} sign */
  #expect(sign) {
    if (!this.#take(sign)) throw this.#wrong();
  }

  #wrong() {
    return new SyntaxError(`no JSON at position ${this.#at}`);
  }
}

/**
 * @param {string} text
 * @returns {number | bigint | Decimal}
 */
function number(text) {
  const value = Number(text);
  if (/^-?\d+$/.test(text)) return Number.isSafeInteger(value) ? value : BigInt(text);
  return digits(text) === digits(String(value)) ? value : new Decimal(text);
}

/**
 * The value of a number in one way of writing: digits without zeros around them, and where the point is.
 *
 * @param {string} text
 */
function digits(text) {
  const [, sign = "", whole = "", fraction = "", power = "0"] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const all = (whole + fraction).replace(/^0+/, "");
  let end = all.length;
  while (all[end - 1] === "0") end -= 1; // /0+$/ would begin anew at every zero
  const significant = all.slice(0, end);
  if (significant === "") return /^-?[\d.]+(?:[eE]|$)/.test(text) ? "0" : text;
  return `${sign}${significant}e${Number(power) - fraction.length + all.length - significant.length}`;
}
