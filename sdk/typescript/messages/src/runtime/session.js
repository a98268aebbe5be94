/**
 * Who is signed in.
 *
 * @import { Context } from "./context.js"
 * @import { LoginOptions, SignedInUser } from "./types.js"
 */

import { claimsOf } from "./encoding.js";
import { SignInFailed } from "./errors.js";
import { isNode, isPage } from "./platform.js";

/**
 * How people sign in where this runs.
 *
 * @typedef {object} Flow
 * @property {(options: LoginOptions) => Promise<void>} login
 * @property {() => Promise<Error | undefined>} resume
 * @property {() => Promise<void>} logout
 */

/** Who is signed in. Tells it with the event "change". */
export class Session extends EventTarget {
  #context;
  /** @type {Promise<Flow> | undefined} */
  #flow;
  /** @type {SignedInUser | undefined} */
  #user;
  #started = false;
  /** @type {Error | undefined} */
  #fault;

  /** @param {Context} context */
  constructor(context) {
    super();
    this.#context = context;
    this.#user = userOf(context.tokens.held?.idToken);
    context.tokens.onchange = () => this.#follow();
  }

  /** Undefined when nobody is signed in, or the issuer does not say who it is. */
  get user() {
    return this.#user;
  }

  /** Web pages: whether it is known yet who is signed in. */
  get started() {
    return this.#started;
  }

  /** Web pages: why the last sign-in came to nothing. */
  get fault() {
    return this.#fault;
  }

  /** @param {LoginOptions} [options] */
  async login(options = {}) {
    await (await this.#platform()).login(options);
    this.#context.credentials.forget(); // they may be those of somebody else
    this.#started = true;
  }

  async resume() {
    try {
      this.#fault = await (await this.#platform()).resume();
    } catch (error) {
      this.#fault = /** @type {Error} */ (error);
    }
    this.#started = true;
    this.dispatchEvent(new Event("change"));
  }

  async logout() {
    await (await this.#platform()).logout();
  }

  #platform() {
    return (this.#flow ??= flowOf(this.#context));
  }

  /** Somebody else is signed in now, or somebody's tokens were renewed. */
  #follow() {
    const before = this.#user;
    this.#user = userOf(this.#context.tokens.held?.idToken);
    const isAnother = before !== undefined && before.subject !== this.#user?.subject;
    if (isAnother || !this.#context.tokens.held) this.#context.credentials.forget();
    if (before?.subject === this.#user?.subject && before?.name === this.#user?.name) return;
    this.#fault = undefined;
    if (this.#started) this.dispatchEvent(new Event("change"));
  }
}

/**
 * @param {Context} context
 * @returns {Promise<Flow>}
 */
async function flowOf(context) {
  if (isPage) return new (await import("./web-login.js")).WebLogin(context);
  if (isNode) return new (await import("./terminal-login.js")).TerminalLogin(context);
  throw new SignInFailed("Nobody can sign in here: give tokens, accessToken or credentials.");
}

/**
 * @param {string | undefined} idToken
 * @returns {SignedInUser | undefined}
 */
function userOf(idToken) {
  if (idToken === undefined) return undefined;
  try {
    const claims = claimsOf(idToken);
    const text = (/** @type {string} */ name) => (typeof claims[name] === "string" ? /** @type {string} */ (claims[name]) : "");
    const name = ["nickname", "name", "preferred_username", "cognito:username", "email"].map(text).find(Boolean);
    return { subject: text("sub"), name: name ?? text("sub"), email: text("email"), claims };
  } catch {
    return undefined;
  }
}
