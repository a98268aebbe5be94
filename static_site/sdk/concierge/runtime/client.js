/**
 * A client: an address, and who calls.
 *
 * @import { Api, ClientOptions, LoginOptions } from "./types.js"
 */

import { Context } from "./context.js";
import { Session } from "./session.js";

/**
 * What a client holds; for the runtime.
 *
 * @type {(client: Client) => Context}
 */
export let internals;

/** What the client classes of all generated SDKs are made of. */
export class Client {
  #context;
  #session;

  static {
    internals = (client) => client.#context;
  }

  /**
   * @param {Api} api
   * @param {string | URL} [baseUrl]
   * @param {ClientOptions} [options]
   */
  constructor(api, baseUrl, options = {}) {
    this.#context = new Context(api, baseUrl, options);
    this.#session = new Session(this.#context);
  }

  /** Who is signed in. */
  get session() {
    return this.#session;
  }

  /**
   * Sign somebody in. Terminals: opens the browser, and is done when the person is. Web pages: leaves for the sign-in
   * page; call `resume()` when the page is loaded.
   *
   * @param {LoginOptions} [options]
   */
  async login(options) {
    await this.#session.login(options);
  }

  /** Web pages, when they are loaded: finish a sign-in, take up what this tab holds, or ask silently who it is. */
  async resume() {
    await this.#session.resume();
  }

  /** Sign out. In web pages this leaves for the issuer, which leads back. */
  async logout() {
    await this.#session.logout();
  }

  /** Shows no secret. */
  toJSON() {
    const { origin, path } = this.#context.base;
    return { api: this.#context.api.name, baseUrl: origin + path };
  }

  toString() {
    const { api, baseUrl } = this.toJSON();
    return `${api} ${baseUrl}`;
  }

  [Symbol.for("nodejs.util.inspect.custom")]() {
    return `<${this.toString()}>`;
  }
}
