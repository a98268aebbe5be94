/**
 * Server-sent events (the HTML standard, "Server-sent events").
 *
 * @import { Operation, ServerEvent } from "./types.js"
 * @import { Answer } from "./node-http.js"
 * @import { Watch } from "./watch.js"
 */

import { ConnectionFailed, UnexpectedAnswer } from "./errors.js";
import { read } from "./json.js";
import { linesOf, piecesOf } from "./stream.js";

const LONGEST_ID = 1_000; // characters; servers take headers of some thousands in all

const LONGEST = 16_000_000; // characters of an event

/**
 * Events as they come, once: `for await (const event of await client.watch())`.
 *
 * @template T
 * @implements {AsyncIterable<ServerEvent<T>>}
 */
export class EventStream {
  #operation;
  #response;
  #watch;
  /** @type {((lastEventId: string, pause: number | undefined, inVain: number) => Promise<{ response: Answer, watch: Watch } | undefined>) | undefined} */
  #reconnect;
  #parser = new EventParser();
  #isClosed = false;
  #inVain = 0; // connections since the last event

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

  /** The id of the last event that had one. */
  get lastEventId() {
    return this.#parser.id;
  }

  /** Seconds after which the server wants to be connected to again. */
  get retry() {
    return this.#parser.retry;
  }

  /** What it reads; for the runtime. */
  get connection() {
    return { response: this.#response, watch: this.#watch };
  }

  /** End the answer, and whoever iterates. */
  close() {
    this.#isClosed = true;
    this.#watch.stop();
  }

  /**
   * How a lost connection is made again; for the runtime.
   *
   * @param {(lastEventId: string, pause: number | undefined, inVain: number) => Promise<{ response: Answer, watch: Watch } | undefined>} reconnect
   */
  onLost(reconnect) {
    this.#reconnect = reconnect;
  }

  /** @returns {AsyncGenerator<ServerEvent<T>, void, undefined>} */
  async *[Symbol.asyncIterator]() {
    for (;;) {
      try {
        return yield* this.#events();
      } catch (error) {
        if (this.#isClosed) return;
        if (!(error instanceof ConnectionFailed) || !this.#parser.id || !this.#reconnect) throw error;
        const again = await this.#reconnect(this.#parser.id, this.#parser.retry, this.#inVain);
        this.#inVain += 1;
        if (!again) return;
        this.#response = again.response;
        this.#watch = again.watch;
        if (this.#isClosed) return this.#watch.stop();
        this.#parser = new EventParser(this.#parser.id, this.#parser.retry);
      }
    }
  }

  async *#events() {
    for await (const line of linesOf(piecesOf(this.#operation, this.#response, this.#watch), LONGEST)) {
      const event = this.#parser.take(line);
      if (!event) continue;
      this.#inVain = 0;
      yield { ...event, data: /** @type {T} */ (this.#data(event.data)) };
    }
  }

  /** @param {string} text */
  #data(text) {
    if (this.#operation.shape === "string") return text;
    try {
      return read(text, this.#operation.exact);
    } catch (cause) {
      if (this.#operation.shape === undefined) return text; // such as [DONE]
      throw new UnexpectedAnswer(`${this.#operation.id}: the data of an event is no JSON`, { body: text, cause });
    }
  }
}

/** Makes events of lines. */
export class EventParser {
  #data = "";
  #event = "";

  /**
   * @param {string} [id] the last one of the connection before
   * @param {number} [retry] seconds
   */
  constructor(id = "", retry) {
    this.id = id;
    this.retry = retry;
    this.pending = id;
  }

  /**
   * Take a line. Gives an event where it ends one.
   *
   * @param {string} line
   * @returns {ServerEvent<string> | undefined}
   */
  take(line) {
    if (line === "") return this.#dispatch();
    const cut = line.indexOf(":");
    if (cut === 0) return undefined; // a comment
    const name = cut < 0 ? line : line.slice(0, cut);
    const value = cut < 0 ? "" : line.slice(line[cut + 1] === " " ? cut + 2 : cut + 1);
    this.#field(name, value);
    return undefined;
  }

  /**
   * @param {string} name
   * @param {string} value
   */
  #field(name, value) {
    if (name === "data") {
      this.#data += `${value}\n`;
      if (this.#data.length > LONGEST) throw new UnexpectedAnswer(`an event has more than ${LONGEST} characters`);
    } else if (name === "event") this.#event = value;
    else if (name === "id" && value.length <= LONGEST_ID && !/[\0-\x08\x0a-\x1f\x7f]/.test(value)) this.pending = value;
    else if (name === "retry" && /^\d+$/.test(value)) this.retry = Number(value) / 1000;
  }

  #dispatch() {
    const [data, event] = [this.#data, this.#event || "message"];
    this.#data = this.#event = "";
    this.id = this.pending;
    return data === "" ? undefined : { data: data.slice(0, -1), event, id: this.id };
  }
}

/**
 * @param {Operation} operation
 * @param {Answer} response
 * @param {Watch} watch
 * @returns {EventStream<unknown>}
 */
export function events(operation, response, watch) {
  return new EventStream(operation, response, watch);
}
