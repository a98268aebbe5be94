/**
 * Reading answers.
 *
 * @import { Operation } from "./types.js"
 * @import { Answer } from "./node-http.js"
 * @import { Watch } from "./watch.js"
 */

import { Download } from "./download.js";
import { UnexpectedAnswer } from "./errors.js";
import { events } from "./events.js";
import { read } from "./json.js";
import { jsonLines } from "./lines.js";
import { NodeResponse } from "./node-http.js";

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json$|^text\/json$/;
const STREAMS = new Set(["events", "jsonl", "binary"]);
const utf8 = new TextDecoder();
const LINES_TYPE = /^application\/(?:jsonl|x-ndjson|ndjson|jsonlines|json-seq|x-jsonlines)$/;

/**
 * An answer whose status says yes, as what the document says.
 *
 * @param {Operation} operation
 * @param {Answer} response
 * @param {Watch} watch
 * @param {number} limit bytes
 * @returns {Promise<unknown>}
 */
export async function readAnswer(operation, response, watch, limit) {
  const kind = kindOf(operation, response);
  if (STREAMS.has(kind)) watch.rest(); // until somebody reads
  if (kind === "events") return events(operation, response, watch);
  if (kind === "jsonl") return jsonLines(operation, response, watch);
  if (kind === "binary") return new Download(operation, response, watch);
  const bytes = await readBytes(operation, response, watch, limit);
  watch.end();
  if (bytes.length === 0 || kind === "none") return kind === "text" && operation.result === "text" ? "" : undefined;
  if (kind === "text") return new TextDecoder(charset(response)).decode(bytes);
  return json(operation, response, bytes);
}

/**
 * @param {Operation} operation
 * @param {Answer} response
 * @returns {NonNullable<Operation["result"]>}
 */
function kindOf(operation, response) {
  const { result = "none" } = operation;
  if (!response.body || response.status === 204 || response.status === 205 || operation.method === "HEAD") return "none";
  const type = response.headers.get("content-type") ?? "";
  if (type === "application/json" && result === "json") return "json"; // nearly always
  return kindOfType(type.split(";", 1)[0]?.trim().toLowerCase() ?? "", operation);
}

/**
 * @param {string} type
 * @param {Operation} operation
 * @returns {NonNullable<Operation["result"]>}
 */
function kindOfType(type, { id, result = "none", accept = "" }) {
  const documented = accept.split(", ").includes(type);
  if (type === "" || result === "binary") return result;
  if (type === "text/event-stream" && (documented || result === "events")) return "events";
  if (type === "text/event-stream") throw new UnexpectedAnswer(`${id}: the answer is a stream of events, which the document does not have`);
  if (LINES_TYPE.test(type) && (documented || result === "jsonl")) return "jsonl";
  if (JSON_TYPE.test(type)) return result === "text" ? "text" : "json";
  if (result === "none") return "none";
  if (result === "json" && !documented) return "json"; // which it is not: a page of a proxy, perhaps
  return type.startsWith("text/") ? "text" : "binary";
}

/**
 * @param {Operation} operation
 * @param {Answer} response
 * @param {Uint8Array} bytes
 */
function json(operation, response, bytes) {
  const text = utf8.decode(bytes);
  let value;
  try {
    value = read(text, operation.exact);
  } catch (cause) {
    throw new UnexpectedAnswer(`${operation.id}: the answer is no JSON`, { status: response.status, body: text, cause });
  }
  if (operation.shape && shapeOf(value) !== operation.shape) {
    const told = `${operation.id}: the answer is ${shapeOf(value)} at "", where the document says ${operation.shape}`;
    throw new UnexpectedAnswer(told, { status: response.status, body: text });
  }
  return value;
}

/** @param {unknown} value */
function shapeOf(value) {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value === "bigint" ? "number" : typeof value;
}

/** @param {Answer} response */
function charset(response) {
  const said = /charset="?([\w-]+)/i.exec(response.headers.get("content-type") ?? "")?.[1] ?? "utf-8";
  try {
    return new TextDecoder(said).encoding;
  } catch {
    return "utf-8";
  }
}

/**
 * All bytes of an answer.
 *
 * @param {Operation} operation
 * @param {Answer} response
 * @param {Watch} watch
 * @param {number} limit
 * @returns {Promise<Uint8Array>}
 */
export async function readBytes(operation, response, watch, limit) {
  if (!response.body) return new Uint8Array();
  if (response instanceof NodeResponse) return (await response.collect(limit, watch)) ?? tooMuch(operation, response, limit);
  const reader = response.body.getReader();
  /** @type {Uint8Array[]} */
  const pieces = [];
  let length = 0;
  for (;;) {
    watch.begin();
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    pieces.push(value);
    if (length > limit) {
      watch.stop();
      return tooMuch(operation, response, limit);
    }
  }
  watch.rest();
  return pieces.length === 1 ? /** @type {Uint8Array} */ (pieces[0]) : joined(pieces, length);
}

/**
 * @param {Operation} operation
 * @param {Answer} response
 * @param {number} limit
 * @returns {never}
 */
function tooMuch(operation, response, limit) {
  throw new UnexpectedAnswer(`${operation.id}: the answer has more than ${limit} bytes`, { status: response.status });
}

/**
 * @param {Uint8Array[]} pieces
 * @param {number} length
 */
function joined(pieces, length) {
  const all = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
