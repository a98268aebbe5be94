/**
 * Arguments become a request.
 *
 * @import { CallOptions, Operation, Parameter } from "./types.js"
 * @import { Written } from "./body.js"
 */
import type { CallOptions, Operation } from "./types.js";
import type { Written } from "./body.js";
export type Prepared = {
    origin: string;
    host: string;
    path: string;
    query: string;
    /**
     * by lower-case names
     */
    headers: Record<string, string>;
    body: Written | undefined;
    /**
     * whether doing it twice is doing it once, because it is named
     */
    idempotent: boolean;
};
/**
 * A request, but for whoever calls.
 *
 * @typedef {object} Prepared
 * @property {string} origin
 * @property {string} host
 * @property {string} path
 * @property {string} query
 * @property {Record<string, string>} headers by lower-case names
 * @property {Written | undefined} body
 * @property {boolean} idempotent whether doing it twice is doing it once, because it is named
 */
/** How the requests of one operation are made; compiled when it is called first. */
export declare class Template {
    #private;
    /**
     * @param {Operation} operation
     * @param {{ origin: string, host: string, path: string }} base
     */
    constructor(operation: Operation, base: {
        origin: string;
        host: string;
        path: string;
    });
    /** Where its requests go. */
    get origin(): string;
    /**
     * Make a request. Throws BadArgument, which names the argument.
     *
     * @param {Readonly<Record<string, unknown>>} given
     * @param {CallOptions} options
     * @param {Readonly<Record<string, string>>} common headers
     * @returns {Prepared}
     */
    fill(given: Readonly<Record<string, unknown>>, options: CallOptions, common: Readonly<Record<string, string>>): Prepared;
}
