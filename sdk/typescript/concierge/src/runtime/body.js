/**
 * Bodies of requests.
 *
 * @import { Bytes, Content, Part } from "./types.js"
 */

import { percent } from "./encoding.js";
import { BadArgument } from "./errors.js";
import { write } from "./json.js";
import { multipart } from "./multipart.js";
import { queryPairs } from "./style.js";

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
export function writeBody(content, value) {
  switch (content.kind) {
    case "json":
      return { body: write(value), type: content.type, once: false };
    case "form":
      return { body: form(value, content.parts ?? {}), type: content.type, once: false };
    case "multipart":
      return multipart(content, membersOf(value));
    case "jsonl":
      return lines(value, content.type);
    default:
      return raw(value, content);
  }
}

/**
 * An object's members that are sent.
 *
 * @param {unknown} value
 * @returns {[string, unknown][]}
 */
function membersOf(value) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new BadArgument("a form is an object", "body");
  return Object.entries(value).filter(([, part]) => part !== undefined);
}

/**
 * @param {unknown} value
 * @param {Readonly<Record<string, Part>>} parts
 */
function form(value, parts) {
  return membersOf(value).flatMap(([name, part]) => formPairs(name, part, parts[name] ?? {})).join("&");
}

/**
 * @param {string} name
 * @param {unknown} value
 * @param {Part} part
 */
function formPairs(name, value, { type = "", style = "form", explode = style === "form" }) {
  if (type.includes("json") && typeof value !== "string") return [`${percent(name)}=${percent(write(value))}`];
  return queryPairs({ argument: name, name, in: "query", style, explode }, value);
}

/**
 * @param {unknown} value
 * @param {string} type
 * @returns {Written}
 */
function lines(value, type) {
  if (Array.isArray(value)) return { body: value.map((one) => `${write(one)}\n`).join(""), type, once: false };
  if (!isAsync(value)) throw new BadArgument("lines are an array, or come one by one", "body");
  return { body: streamOf(value, (one) => `${write(one)}\n`), type, once: true };
}

/**
 * @param {unknown} value
 * @param {Content} content
 * @returns {Written}
 */
function raw(value, content) {
  if (!isBytes(value)) {
    if (content.kind !== "binary" && typeof value !== "object") return { body: String(value), type: content.type, once: false };
    throw new BadArgument("the body is a text, bytes, a Blob or a stream", "body");
  }
  const type = value instanceof Blob && value.type && content.type.includes("*") ? value.type : content.type.replace("*/*", "application/octet-stream");
  if (typeof value === "string" || value instanceof Blob) return { body: value, type, once: false };
  if (isStream(value)) return { body: streamOf(value, (one) => one), type, once: true };
  return { body: viewOf(value), type, once: false };
}

/**
 * @param {unknown} value
 * @returns {value is Bytes}
 */
export function isBytes(value) {
  return typeof value === "string" || value instanceof Blob || value instanceof ArrayBuffer || ArrayBuffer.isView(value) || isStream(value);
}

/**
 * @param {unknown} value
 * @returns {value is ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>}
 */
export function isStream(value) {
  return value instanceof ReadableStream || isAsync(value);
}

/**
 * @param {unknown} value
 * @returns {value is AsyncIterable<any>}
 */
function isAsync(value) {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

/**
 * @param {ArrayBuffer | ArrayBufferView<ArrayBufferLike>} value
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function viewOf(value) {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  return new Uint8Array(/** @type {ArrayBuffer} */ (value.buffer), value.byteOffset, value.byteLength);
}

/**
 * A stream of bytes, made piece by piece as they are asked for.
 *
 * @param {ReadableStream<any> | AsyncIterable<any>} source
 * @param {(one: any) => string | Uint8Array} encode
 * @returns {ReadableStream<Uint8Array>}
 */
export function streamOf(source, encode) {
  const utf8 = new TextEncoder();
  const pieces = iterate(source);
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await pieces.next();
        if (done) return controller.close();
        const piece = encode(value);
        controller.enqueue(typeof piece === "string" ? utf8.encode(piece) : piece);
      },
      async cancel() {
        await pieces.return?.(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}

/**
 * The pieces of a stream; not all browsers can iterate over one.
 *
 * @param {ReadableStream<any> | AsyncIterable<any>} source
 * @returns {AsyncIterator<any>}
 */
export function iterate(source) {
  if (Symbol.asyncIterator in source) return source[Symbol.asyncIterator]();
  const reader = /** @type {ReadableStream<any>} */ (source).getReader();
  return {
    next: () => /** @type {Promise<IteratorResult<any>>} */ (reader.read()),
    return: async () => {
      await reader.cancel();
      return { done: true, value: undefined };
    },
  };
}
