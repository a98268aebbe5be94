/**
 * Going through all pages of a list.
 *
 * @import { Client } from "./client.js"
 * @import { CallOptions, Operation, Pages, WithResponse } from "./types.js"
 */
import type { Client } from "./client.js";
import type { CallOptions, Operation } from "./types.js";
/**
 * Every item over all pages, or the pages themselves. A page is fetched when it is needed.
 *
 * @template Item
 * @template Page
 * @implements {AsyncIterable<Item>}
 */
export declare class PageIterator<Item, Page> implements AsyncIterable<Item> {
    #private;
    /**
     * @param {Client} client
     * @param {Operation} operation
     * @param {object} [params]
     * @param {CallOptions} [options]
     */
    constructor(client: Client, operation: Operation, params?: object, options?: CallOptions);
    /** @returns {AsyncGenerator<Item, void, undefined>} */
    [Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined>;
    /**
     * The answers themselves.
     *
     * @returns {AsyncGenerator<Page, void, undefined>}
     */
    pages(): AsyncGenerator<Page, void, undefined>;
}
