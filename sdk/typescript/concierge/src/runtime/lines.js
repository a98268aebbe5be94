/**
 * JSON lines: one value a line.
 *
 * @import { Operation } from "./types.js"
 * @import { Answer } from "./node-http.js"
 * @import { Watch } from "./watch.js"
 */

import { UnexpectedAnswer } from "./errors.js";
import { read } from "./json.js";
import { linesOf, piecesOf } from "./stream.js";

const LONGEST = 100_000_000; // characters of a line

/**
 * Values as they come, once.
 *
 * @template T
 * @implements {AsyncIterable<T>}
 */
export class JsonLines {
  #operation;
  #response;
  #watch;

  /**
   * @param {Operation} operation
   * @param {Answer} response
   * @param {Watch} watch
   */
  constructor(operation, response, watch) {
    this.#operation = operation;
    this.#response = response;
    this.#watch = watch;
  }

  /** End the answer. */
  close() {
    this.#watch.stop();
  }

  /** @returns {AsyncGenerator<T, void, undefined>} */
  async *[Symbol.asyncIterator]() {
    const lines = linesOf(piecesOf(this.#operation, this.#response, this.#watch), LONGEST);
    for (let number = 0; ; number += 1) {
      const { done, value } = await lines.next();
      const text = value.replace(/^\x1e/, "").trim(); // RFC 7464 begins each with a record separator
      if (text !== "") yield this.#value(text, number);
      if (done) return;
    }
  }

  /**
   * @param {string} text
   * @param {number} number
   */
  #value(text, number) {
    try {
      return /** @type {T} */ (read(text, this.#operation.exact));
    } catch (cause) {
      throw new UnexpectedAnswer(`${this.#operation.id}: line ${number + 1} is no JSON`, { pointer: `/${number}`, body: text, cause });
    }
  }
}

/**
 * @param {Operation} operation
 * @param {Answer} response
 * @param {Watch} watch
 * @returns {JsonLines<unknown>}
 */
export function jsonLines(operation, response, watch) {
  return new JsonLines(operation, response, watch);
}
