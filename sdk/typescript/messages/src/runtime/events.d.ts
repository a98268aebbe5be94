/**
 * Server-sent events (the HTML standard, "Server-sent events").
 *
 * @import { Operation, ServerEvent } from "./types.js"
 * @import { Answer } from "./node-http.js"
 * @import { Watch } from "./watch.js"
 */
import type { Operation, ServerEvent } from "./types.js";
import type { Answer } from "./node-http.js";
import type { Watch } from "./watch.js";
/**
 * Events as they come, once: `for await (const event of await client.watch())`.
 *
 * @template T
 * @implements {AsyncIterable<ServerEvent<T>>}
 */
export declare class EventStream<T> implements AsyncIterable<ServerEvent<T>> {
    #private;
    /**
     * @param {Operation} operation
     * @param {Answer} response
     * @param {Watch} watch
     */
    constructor(operation: Operation, response: Answer, watch: Watch);
    /** The id of the last event that had one. */
    get lastEventId(): string;
    /** Seconds after which the server wants to be connected to again. */
    get retry(): number | undefined;
    /** What it reads; for the runtime. */
    get connection(): {
        response: Answer;
        watch: Watch;
    };
    /** End the answer, and whoever iterates. */
    close(): void;
    /**
     * How a lost connection is made again; for the runtime.
     *
     * @param {(lastEventId: string, pause: number | undefined, inVain: number) => Promise<{ response: Answer, watch: Watch } | undefined>} reconnect
     */
    onLost(reconnect: (lastEventId: string, pause: number | undefined, inVain: number) => Promise<{
        response: Answer;
        watch: Watch;
    } | undefined>): void;
    /** @returns {AsyncGenerator<ServerEvent<T>, void, undefined>} */
    [Symbol.asyncIterator](): AsyncGenerator<ServerEvent<T>, void, undefined>;
}
/** Makes events of lines. */
export declare class EventParser {
    #private;
    id: string;
    retry: number | undefined;
    pending: string;
    /**
     * @param {string} [id] the last one of the connection before
     * @param {number} [retry] seconds
     */
    constructor(id?: string, retry?: number);
    /**
     * Take a line. Gives an event where it ends one.
     *
     * @param {string} line
     * @returns {ServerEvent<string> | undefined}
     */
    take(line: string): ServerEvent<string> | undefined;
}
/**
 * @param {Operation} operation
 * @param {Answer} response
 * @param {Watch} watch
 * @returns {EventStream<unknown>}
 */
export declare function events(operation: Operation, response: Answer, watch: Watch): EventStream<unknown>;
