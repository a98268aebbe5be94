/**
 * `multipart/form-data` (RFC 7578). Written here rather than by FormData, because what is signed must be known before it
 * is sent. Files stay where they are: a Blob of Blobs is read as it is sent.
 *
 * @import { Content, Part, Upload } from "./types.js"
 * @import { Written } from "./body.js"
 */

import { isBytes, isStream, iterate, streamOf, viewOf } from "./body.js";
import { unique } from "./encoding.js";
import { BadArgument } from "./errors.js";
import { write } from "./json.js";
import { scalar } from "./style.js";

/** @typedef {string | Blob | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>} Piece */

/**
 * @param {Content} content
 * @param {[string, unknown][]} members
 * @returns {Written}
 */
export function multipart(content, members) {
  const boundary = `part-${unique()}`;
  const pieces = members.flatMap(([name, value]) => parts(boundary, name, value, content.parts?.[name] ?? {}));
  pieces.push(`--${boundary}--\r\n`);
  const type = `${content.type}; boundary=${boundary}`;
  if (pieces.some(isStream)) return { body: streamOf(inOrder(pieces), (piece) => piece), type, once: true };
  return { body: new Blob(/** @type {BlobPart[]} */ (pieces)), type, once: false };
}

/**
 * @param {string} boundary
 * @param {string} name
 * @param {unknown} value
 * @param {Part} part
 * @returns {Piece[]}
 */
function parts(boundary, name, value, part) {
  const all = part.repeated && Array.isArray(value) ? value : [value];
  return all.flatMap((one) => (part.file ? file(boundary, name, one, part) : field(boundary, name, one, part)));
}

/**
 * @param {string} boundary
 * @param {string} name
 * @param {unknown} value
 * @param {Part} part
 */
function field(boundary, name, value, part) {
  const json = part.type?.includes("json") || (typeof value === "object" && value !== null && !(value instanceof Date));
  const type = part.type ?? (json ? "application/json" : undefined);
  const text = json && !(typeof value === "string" && part.type === undefined) ? write(value) : scalar(value);
  return [head(boundary, name, undefined, type), text, "\r\n"];
}

/**
 * @param {string} boundary
 * @param {string} name
 * @param {unknown} value
 * @param {Part} part
 */
function file(boundary, name, value, part) {
  const given = /** @type {Exclude<Upload, import("./types.js").Bytes>} */ (isBytes(value) ? { content: value } : value);
  const bytes = given?.content;
  if (!isBytes(bytes)) throw new BadArgument(`${name} is a file: a text, bytes, a Blob, a stream, or { content, name, type }`, name);
  const called = given.name ?? (typeof File !== "undefined" && bytes instanceof File ? bytes.name : name);
  const type = given.type ?? ((bytes instanceof Blob && bytes.type) || (part.type?.includes("*") ? undefined : part.type?.split(",")[0]) || "application/octet-stream");
  const piece = bytes instanceof ArrayBuffer || ArrayBuffer.isView(bytes) ? viewOf(bytes) : bytes;
  return [head(boundary, name, called, type), piece, "\r\n"];
}

/**
 * @param {string} boundary
 * @param {string} name
 * @param {string} [fileName]
 * @param {string} [type]
 */
function head(boundary, name, fileName, type) {
  if (type !== undefined && /[^\t\x20-\x7e]/.test(type)) throw new BadArgument(`the content type of ${name} is none`, name);
  const called = fileName === undefined ? "" : `; filename="${quoted(fileName)}"`;
  const typed = type === undefined ? "" : `Content-Type: ${type}\r\n`;
  return `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(name)}"${called}\r\n${typed}\r\n`;
}

/**
 * A name as browsers write it (RFC 7578 section 2; the HTML standard, "multipart form data").
 *
 * @param {string} name
 */
function quoted(name) {
  return name.replace(/\r\n?|\n/g, "%0D%0A").replaceAll('"', "%22");
}

/**
 * @param {Piece[]} pieces
 */
async function* inOrder(pieces) {
  for (const piece of pieces) {
    if (typeof piece === "string" || piece instanceof Uint8Array) yield piece;
    else yield* all(piece instanceof Blob ? piece.stream() : piece);
  }
}

/** @param {ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>} source */
async function* all(source) {
  const pieces = iterate(source);
  try {
    for (;;) {
      const { done, value } = await pieces.next();
      if (done) return;
      yield value;
    }
  } finally {
    await pieces.return?.(undefined);
  }
}
