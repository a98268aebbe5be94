/**
 * What a call gives.
 *
 * @import { Answer } from "./node-http.js"
 * @import { WithResponse } from "./types.js"
 */
import type { Answer } from "./node-http.js";
import type { WithResponse } from "./types.js";
/**
 * The promise of an answer; `withResponse()` gives status and headers too.
 *
 * @template T
 * @implements {Promise<T>}
 */
export declare class ApiPromise<T> implements Promise<T> {
    #private;
    /** @param {Promise<{ data: T, response: Answer }>} answer */
    constructor(answer: Promise<{
        data: T;
        response: Answer;
    }>);
    /** The value together with the response that it came in. */
    withResponse(): Promise<WithResponse<T>>;
    /**
     * @template [A=T]
     * @template [B=never]
     * @param {((value: T) => A | PromiseLike<A>) | null} [onfulfilled]
     * @param {((reason: any) => B | PromiseLike<B>) | null} [onrejected]
     * @returns {Promise<A | B>}
     */
    then<A = T, B = never>(onfulfilled?: ((value: T) => A | PromiseLike<A>) | null, onrejected?: ((reason: any) => B | PromiseLike<B>) | null): Promise<A | B>;
    /**
     * @template [B=never]
     * @param {((reason: any) => B | PromiseLike<B>) | null} [onrejected]
     * @returns {Promise<T | B>}
     */
    catch<B = never>(onrejected?: ((reason: any) => B | PromiseLike<B>) | null): Promise<T | B>;
    /**
     * @param {(() => void) | null} [onfinally]
     * @returns {Promise<T>}
     */
    finally(onfinally?: (() => void) | null): Promise<T>;
    get [Symbol.toStringTag](): string;
}
