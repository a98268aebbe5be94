/**
 * What a call gives.
 *
 * @import { WithResponse } from "./types.js"
 */

/**
 * The promise of an answer; `withResponse()` gives status and headers too.
 *
 * @template T
 * @implements {Promise<T>}
 */
export class ApiPromise {
  #answer;

  /** @param {Promise<WithResponse<T>>} answer */
  constructor(answer) {
    this.#answer = answer;
  }

  /** The value together with the response that it came in. */
  withResponse() {
    return this.#answer;
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
