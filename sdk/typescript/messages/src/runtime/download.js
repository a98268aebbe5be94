/**
 * An answer that is not held: its bytes are taken as they come.
 *
 * @import { Operation } from "./types.js"
 * @import { Answer } from "./node-http.js"
 * @import { Watch } from "./watch.js"
 */

import { load } from "./platform.js";
import { piecesOf } from "./stream.js";

/**
 * Bytes that are coming in. Take them once, in one of the ways.
 *
 * @implements {AsyncIterable<Uint8Array<ArrayBuffer>>}
 */
export class Download {
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

  /** The media type, as the server says it. */
  get type() {
    return this.#response.headers.get("content-type") ?? "application/octet-stream";
  }

  /** How many bytes there will be, where the server says it. */
  get size() {
    const said = this.#response.headers.get("content-length");
    return said === null || this.#response.headers.has("content-encoding") ? undefined : Number(said);
  }

  /** Piece by piece. */
  [Symbol.asyncIterator]() {
    return piecesOf(this.#operation, this.#response, this.#watch);
  }

  /** As a stream. @returns {ReadableStream<Uint8Array<ArrayBuffer>>} */
  stream() {
    const pieces = this[Symbol.asyncIterator]();
    return new ReadableStream({
      async pull(controller) {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await pieces.return();
      },
    });
  }

  /** All of them. */
  async blob() {
    /** @type {Uint8Array<ArrayBuffer>[]} */
    const pieces = [];
    for await (const piece of this) pieces.push(piece);
    return new Blob(pieces, { type: this.type });
  }

  /** All of them. */
  async bytes() {
    return new Uint8Array(await (await this.blob()).arrayBuffer());
  }

  /** All of them, as text in UTF-8. */
  async text() {
    return (await this.blob()).text();
  }

  /**
   * Write them to a file. In Node.
   *
   * @param {string | URL} path
   */
  async save(path) {
    const { open } = await load("node:fs/promises");
    const file = await open(path, "w");
    try {
      for await (const piece of this) await file.writeFile(piece);
    } finally {
      await file.close();
    }
  }

  /** Take none of them. */
  close() {
    this.#watch.stop();
  }
}
