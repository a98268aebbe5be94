/**
 * Going through all pages of a list.
 *
 * @import { Client } from "./client.js"
 * @import { CallOptions, Operation, Pages, WithResponse } from "./types.js"
 */

import { call } from "./call.js";
import { UnexpectedAnswer } from "./errors.js";

/**
 * Every item over all pages, or the pages themselves. A page is fetched when it is needed.
 *
 * @template Item
 * @template Page
 * @implements {AsyncIterable<Item>}
 */
export class PageIterator {
  #client;
  #operation;
  #params;
  #options;
  #how;

  /**
   * @param {Client} client
   * @param {Operation} operation
   * @param {object} [params]
   * @param {CallOptions} [options]
   */
  constructor(client, operation, params = {}, options = {}) {
    this.#client = client;
    this.#operation = operation;
    this.#params = /** @type {Record<string, unknown>} */ (params);
    this.#options = options;
    this.#how = /** @type {Pages} */ (operation.pages);
  }

  /** @returns {AsyncGenerator<Item, void, undefined>} */
  async *[Symbol.asyncIterator]() {
    for await (const page of this.pages()) yield* this.#items(page);
  }

  /**
   * The answers themselves.
   *
   * @returns {AsyncGenerator<Page, void, undefined>}
   */
  async *pages() {
    let params = this.#params;
    /** @type {URL | undefined} */
    let target;
    const seen = new Set();
    let before;
    for (;;) {
      const found = await call(this.#client, this.#operation, params, this.#options, target).withResponse();
      const same = this.#isCounted ? JSON.stringify(found.data, textual) : undefined;
      if (same !== undefined && same === before) return; // the server gives one page, whatever number it is asked for
      before = same;
      yield found.data;
      const next = this.#next(found, params);
      if (next === undefined || seen.has(String(next))) return;
      seen.add(String(next));
      if (next instanceof URL) target = next;
      else params = { ...params, [this.#how.argument ?? ""]: next };
    }
  }

  get #isCounted() {
    return this.#how.kind === "page" || this.#how.kind === "offset";
  }

  /**
   * The address of the next page, or the argument that asks for it; undefined: there is none.
   *
   * @param {WithResponse<any>} found
   * @param {Record<string, unknown>} params
   * @returns {URL | unknown}
   */
  #next({ data, response }, params) {
    const { kind, argument = "", cursor = [], more, first = 1 } = this.#how;
    if (more && more.length > 0 && at(data, more) === false) return undefined;
    if (kind === "link") return this.#address(linkOf(response), response);
    if (kind === "cursor") {
      const next = at(data, cursor);
      if (next === undefined || next === null || next === "" || next === false) return undefined;
      return this.#how.argument === undefined ? this.#address(String(next), response) : next;
    }
    const count = this.#items(data).length;
    if (count === 0) return undefined;
    const now = Number(params[argument] ?? (kind === "page" ? first : 0));
    return kind === "page" ? now + 1 : now + count;
  }

  /**
   * @param {any} page
   * @returns {Item[]}
   */
  #items(page) {
    const items = at(page, this.#how.items);
    return Array.isArray(items) ? items : [];
  }

  /**
   * @param {string | undefined} link
   * @param {Response} response
   */
  #address(link, response) {
    if (link === undefined) return undefined;
    const here = new URL(response.url);
    const next = URL.canParse(link, here) ? new URL(link, here) : undefined;
    if (next?.origin !== here.origin) throw new UnexpectedAnswer(`${this.#operation.id}: the next page is at another origin`, { status: response.status });
    return next;
  }
}

/**
 * @param {string} _
 * @param {unknown} value
 */
function textual(_, value) {
  return typeof value === "bigint" ? `${value}` : value;
}

/**
 * @param {any} value
 * @param {readonly string[]} way
 */
function at(value, way) {
  let found = value;
  for (const name of way) found = typeof found === "object" && found !== null && Object.hasOwn(found, name) ? found[name] : undefined;
  return found;
}

/**
 * The address with `rel=next` of the `Link` header (RFC 8288).
 *
 * @param {Response} response
 * @returns {string | undefined}
 */
function linkOf(response) {
  for (const [, address, parameters = ""] of (response.headers.get("link") ?? "").matchAll(/<([^>]*)>((?:\s*;\s*[\w*-]+\s*=\s*(?:"[^"]*"|[^\s",;]+))*)/g)) {
    if (/;\s*rel\s*=\s*(?:"(?:[^"]*\s)?next(?:\s[^"]*)?"|next\b)/i.test(parameters)) return address;
  }
  return undefined;
}
