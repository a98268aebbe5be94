/**
 * Requests in Node, by its own HTTP client. `fetch` does the same there in three to four times the time; elsewhere, and
 * where the client was given a `fetch`, that is used.
 *
 * @import { Watch } from "./watch.js"
 */

import { iterate } from "./body.js";
import { builtin, isBareNode } from "./platform.js";

const http = isBareNode ? builtin("node:http") : undefined;
const https = isBareNode ? builtin("node:https") : undefined;
const zlib = isBareNode ? builtin("node:zlib") : undefined;
const IDLE = 4_000; // milliseconds: servers close what is idle after five seconds or more

/** @type {Record<string, any>} */
const agents = {};

/**
 * What sends requests here; undefined where it is `fetch`.
 *
 * @type {((url: string, init: Sent, watch: Watch) => Promise<NodeResponse>) | undefined}
 */
export const nodeSend = http && https && zlib ? send : undefined;

/**
 * @typedef {object} Sent
 * @property {string} method
 * @property {Record<string, string>} headers by lower-case names
 * @property {string | Uint8Array<ArrayBuffer> | Blob | ReadableStream<Uint8Array> | undefined} body
 */

/**
 * An answer that has begun, whichever way it came.
 *
 * @typedef {Response | NodeResponse} Answer
 */

/**
 * @param {string} url
 * @param {Sent} init
 * @param {Watch} watch
 * @returns {Promise<NodeResponse>}
 */
function send(url, { method, headers, body }, watch) {
  return new Promise((resolve, reject) => {
    const module = url.startsWith("https:") ? https : http;
    const agent = (agents[module === https ? "https" : "http"] ??= new module.Agent({ keepAlive: true, timeout: IDLE }));
    headers["accept-encoding"] ??= "gzip, deflate";
    const length = lengthOf(body);
    if (length !== undefined) headers["content-length"] = String(length);
    const request = module.request(url, { method, headers, agent });
    watch.onstop = (reason) => request.destroy(reason);
    request.on("response", (/** @type {any} */ message) => resolve(new NodeResponse(url, message)));
    request.on("error", reject);
    if (body instanceof Blob) pour(body.stream(), request, watch).catch((error) => request.destroy(error));
    else if (body instanceof ReadableStream) pour(body, request, watch).catch((error) => request.destroy(error));
    else request.end(body);
  });
}

/** @param {Sent["body"]} body */
function lengthOf(body) {
  if (typeof body === "string") return Buffer_.byteLength(body);
  if (body instanceof Blob) return body.size;
  return body instanceof Uint8Array ? body.byteLength : undefined;
}

const Buffer_ = /** @type {{ byteLength(text: string): number }} */ (/** @type {any} */ (globalThis).Buffer);

/**
 * Send a stream, no faster than it is taken.
 *
 * @param {ReadableStream<Uint8Array>} stream
 * @param {any} request
 * @param {Watch} watch
 */
async function pour(stream, request, watch) {
  const pieces = iterate(stream);
  for (;;) {
    const { done, value } = await pieces.next();
    if (done || request.destroyed) break;
    watch.begin();
    if (!request.write(value)) await new Promise((resolve) => request.once("drain", resolve).once("close", resolve));
    watch.rest();
  }
  if (request.destroyed) return pieces.return?.(undefined);
  watch.begin();
  request.end();
}

/** What `fetch` would give, as far as the runtime asks for it. */
export class NodeResponse {
  type = "default";
  #message;
  /** @type {any} */
  #body;

  /**
   * @param {string} url
   * @param {any} message
   */
  constructor(url, message) {
    this.url = url;
    this.status = /** @type {number} */ (message.statusCode);
    this.ok = this.status >= 200 && this.status < 300;
    this.headers = new NodeHeaders(message);
    this.#message = message;
    this.#body = message;
    const encoding = message.headers["content-encoding"];
    if (encoding !== undefined) this.#body = unpacked(message, encoding.trim().toLowerCase());
  }

  get body() {
    return this;
  }

  /**
   * All bytes.
   *
   * @param {number} limit
   * @param {Watch} watch
   * @returns {Promise<Uint8Array | undefined>} undefined where there are too many
   */
  collect(limit, watch) {
    return new Promise((resolve, reject) => {
      /** @type {Uint8Array[]} */
      const pieces = [];
      let length = 0;
      this.#body.on("data", (/** @type {Uint8Array} */ piece) => {
        watch.begin();
        length += piece.length;
        if (length <= limit) return pieces.push(piece);
        this.#message.destroy();
        return resolve(undefined);
      });
      this.#body.on("end", () => resolve(pieces.length === 1 ? pieces[0] : /** @type {any} */ (globalThis).Buffer.concat(pieces, length)));
      this.#body.on("error", reject);
      this.#message.on("close", () => this.#message.complete || reject(new TypeError("the connection was closed")));
    });
  }

  /** The bytes as they come. */
  getReader() {
    const pieces = this.#body[Symbol.asyncIterator]();
    return {
      read: () => /** @type {Promise<IteratorResult<Uint8Array<ArrayBuffer>, undefined>>} */ (pieces.next()),
      cancel: () => this.cancel(),
    };
  }

  async cancel() {
    this.#message.destroy();
    this.#body.destroy();
  }

  /** The same without its body, as `fetch` has it. */
  toResponse() {
    const response = new Response(null, { status: this.status, statusText: this.#message.statusMessage, headers: this.headers.toHeaders() });
    return Object.defineProperty(response, "url", { value: this.url });
  }
}

/** Headers that are looked at as they came: a `Headers` costs more than the rest of a call. */
class NodeHeaders {
  #message;

  /** @param {any} message */
  constructor(message) {
    this.#message = message;
  }

  /**
   * @param {string} name in lower case
   * @returns {string | null}
   */
  get(name) {
    const found = this.#message.headers[name];
    return found === undefined ? null : Array.isArray(found) ? found.join(", ") : found;
  }

  /** @param {string} name in lower case */
  has(name) {
    return this.#message.headers[name] !== undefined;
  }

  /** @returns {IterableIterator<[string, string]>} */
  [Symbol.iterator]() {
    return this.toHeaders()[Symbol.iterator]();
  }

  toHeaders() {
    const headers = new Headers();
    const { rawHeaders } = this.#message;
    for (let at = 0; at < rawHeaders.length; at += 2) headers.append(rawHeaders[at], rawHeaders[at + 1]);
    return headers;
  }
}

/**
 * @param {any} message
 * @param {string} encoding
 */
function unpacked(message, encoding) {
  const flush = { flush: zlib.constants.Z_SYNC_FLUSH }; // but its end must be there
  const make = { gzip: zlib.createGunzip, "x-gzip": zlib.createGunzip, deflate: zlib.createInflate, br: zlib.createBrotliDecompress }[encoding];
  if (!make || message.statusCode === 204 || message.statusCode === 304 || message.req.method === "HEAD") return message;
  const unpacker = make(encoding === "br" ? {} : flush);
  let isEmpty = true; // nothing at all is not cut off
  unpacker.on("error", () => {}); // whoever reads is told; an error that nobody hears would end the program
  message.on("error", (/** @type {Error} */ error) => unpacker.destroy(error));
  message.once("data", () => (isEmpty = false));
  message.on("end", () => (isEmpty ? unpacker.push(null) : unpacker.end()));
  return message.pipe(unpacker, { end: false });
}
