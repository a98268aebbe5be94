/**
 * Bodies of requests.
 *
 * @import { Bytes, Content, Part } from "./types.js"
 */
import type { Bytes, Content } from "./types.js";
export type Written = {
    body: string | Uint8Array<ArrayBuffer> | Blob | ReadableStream<Uint8Array>;
    /**
     * the Content-Type header
     */
    type: string;
    /**
     * whether it can be read only once: it is not sent again
     */
    once: boolean;
};
/**
 * A body as it is sent.
 *
 * @typedef {object} Written
 * @property {string | Uint8Array<ArrayBuffer> | Blob | ReadableStream<Uint8Array>} body
 * @property {string} type the Content-Type header
 * @property {boolean} once whether it can be read only once: it is not sent again
 */
/**
 * Write a body.
 *
 * @param {Content} content how
 * @param {unknown} value what
 * @returns {Written}
 */
export declare function writeBody(content: Content, value: unknown): Written;
/**
 * @param {unknown} value
 * @returns {value is Bytes}
 */
export declare function isBytes(value: unknown): value is Bytes;
/**
 * @param {unknown} value
 * @returns {value is ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>}
 */
export declare function isStream(value: unknown): value is ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;
/**
 * @param {ArrayBuffer | ArrayBufferView<ArrayBufferLike>} value
 * @returns {Uint8Array<ArrayBuffer>}
 */
export declare function viewOf(value: ArrayBuffer | ArrayBufferView<ArrayBufferLike>): Uint8Array<ArrayBuffer>;
/**
 * A stream of bytes, made piece by piece as they are asked for.
 *
 * @param {ReadableStream<any> | AsyncIterable<any>} source
 * @param {(one: any) => string | Uint8Array} encode
 * @returns {ReadableStream<Uint8Array>}
 */
export declare function streamOf(source: ReadableStream<any> | AsyncIterable<any>, encode: (one: any) => string | Uint8Array): ReadableStream<Uint8Array>;
/**
 * The pieces of a stream; not all browsers can iterate over one.
 *
 * @param {ReadableStream<any> | AsyncIterable<any>} source
 * @returns {AsyncIterator<any>}
 */
export declare function iterate(source: ReadableStream<any> | AsyncIterable<any>): AsyncIterator<any>;
