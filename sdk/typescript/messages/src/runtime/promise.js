/**
 * What a call gives.
 *
 * @import { Answer } from "./node-http.js"
 * @import { WithResponse } from "./types.js"
 */

import { NodeResponse } from "./node-http.js";

/**
 * The promise of an answer; `withResponse()` gives status and headers too.
 *
 * @template T
 * @implements {Promise<T>}
 */
export class ApiPromise {
  #answer;

  /** @param {Promise<{ data: T, response: Answer }>} answer */
  constructor(answer) {
    this.#answer = answer;
  }

  /** The value together with the response that it came in. */
  async withResponse() {
    const { data, response } = await this.#answer;
    /** @type {WithResponse<T>} */
    const both = { data, response: response instanceof NodeResponse ? response.toResponse() : response };
    return both;
  }

  /**
   * @template [A=T]
   * @template [B=never]
   * @param {((value: T) => A | PromiseLike<A>) | null} [onfulfilled]
   * @param {((reason: any) => B | PromiseLike<B>) | null} [onrejected]
   * @returns {Promise<A | B>}
   */
  then(onfulfilled, onrejected) {
    return this.#answer.then(({ data }) => data).then(onfulfilled, onrejected);
  }

  /**
   * @template [B=never]
   * @param {((reason: any) => B | PromiseLike<B>) | null} [onrejected]
   * @returns {Promise<T | B>}
   */
  catch(onrejected) {
    return this.then(undefined, onrejected);
  }

  /**
   * @param {(() => void) | null} [onfinally]
   * @returns {Promise<T>}
   */
  finally(onfinally) {
    return this.#answer.then(({ data }) => data).finally(onfinally);
  }

  get [Symbol.toStringTag]() {
    return "ApiPromise";
  }
}
