/**
 * The bytes of an answer, as they come.
 *
 * @import { Operation } from "./types.js"
 * @import { Answer } from "./node-http.js"
 * @import { Watch } from "./watch.js"
 */

import { ConnectionFailed, UnexpectedAnswer } from "./errors.js";

/**
 * The pieces of an answer's body. Waiting for one is timed. Whoever stops early ends the answer.
 *
 * @param {Operation} operation
 * @param {Answer} response
 * @param {Watch} watch
 * @returns {AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined>}
 */
export async function* piecesOf(operation, response, watch) {
  if (!response.body) return;
  const reader = response.body.getReader();
  let over = false;
  try {
    for (;;) {
      const { done, value } = await watch.during(reader.read());
      over = done;
      if (watch.reason !== undefined) throw watch.reason; // what was ended early looks like an end
      if (done) return;
      yield /** @type {Uint8Array<ArrayBuffer>} */ (value);
    }
  } catch (cause) {
    over = true;
    throw watch.reason ?? new ConnectionFailed(`${operation.id}: the connection was lost`, { cause });
  } finally {
    if (over) watch.end();
    else watch.stop();
  }
}

/**
 * The lines of a text: ended by CR, LF or both, also where these come in two pieces. A line that does not end is given
 * last, by itself.
 *
 * @param {AsyncIterable<Uint8Array>} pieces
 * @param {number} longest characters of a line
 * @returns {AsyncGenerator<string, string, undefined>} returns what came after the last end of a line
 */
export async function* linesOf(pieces, longest) {
  const decoder = new TextDecoder(); // takes away a byte order mark
  let rest = "";
  let afterReturn = false;
  for await (const piece of pieces) {
    let text = decoder.decode(piece, { stream: true });
    if (text === "") continue;
    if (afterReturn && text[0] === "\n") text = text.slice(1);
    afterReturn = text === "" ? false : text.endsWith("\r");
    const [first = "", ...others] = text.split(/\r\n|\r|\n/);
    rest += first;
    for (const other of others) {
      yield rest;
      rest = other;
    }
    if (rest.length > longest) throw new UnexpectedAnswer(`a line of the answer has more than ${longest} characters`);
  }
  return rest + decoder.decode();
}
