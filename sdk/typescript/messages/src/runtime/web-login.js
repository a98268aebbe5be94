/**
 * Signing in from a web page: the page is left for the sign-in page, and comes back. The access token is in memory only;
 * the refresh token is in sessionStorage, and ends with the tab.
 *
 * @import { Context } from "./context.js"
 * @import { Attempt } from "./authorization.js"
 * @import { Flow } from "./session.js"
 * @import { LoginOptions, Tokens, TokenStore } from "./types.js"
 */

import { begin, finish } from "./authorization.js";
import { secret } from "./encoding.js";
import { SignInFailed } from "./errors.js";

/**
 * @typedef {Attempt & { silent: boolean, back: string }} WebAttempt
 * @typedef {{ tab?: string, refreshToken?: string, idToken?: string }} Held
 */

/** @implements {Flow} */
export class WebLogin {
  #context;
  #store;
  #attempt;
  #fresh;
  #others;

  /** @param {Context} context */
  constructor(context) {
    if (!context.issuer) throw new SignInFailed("The document names no way for people to sign in.");
    const name = context.issuer.clientId ?? "";
    this.#context = context;
    this.#store = new TabStore(`sign-in:${name}`);
    this.#attempt = `sign-in-attempt:${name}`; // in sessionStorage, while the visitor is at the sign-in page
    this.#fresh = `sign-in-fresh:${name}`; // in sessionStorage, from a silent sign-in until the next page: there is not another one at once
    this.#others = new BroadcastChannel(`sign-in:${name}`);
    this.#others.onmessage = () => context.tokens.forget(); // signed out in another tab
    context.tokens.use(this.#store);
  }

  get #issuer() {
    return /** @type {import("./issuer.js").Issuer} */ (this.#context.issuer);
  }

  /** Find out who is signed in: by what the sign-in page sent back, by what this tab holds, or by asking the issuer. */
  async resume() {
    const asked = new URLSearchParams(location.search);
    if (asked.has("sign-in") || asked.has("sign-up")) {
      show(location.pathname + location.hash); // came over from another name of this host
      await this.login({ create: asked.has("sign-up") });
    }
    if (asked.has("state")) {
      const { ours, fault } = await this.#finish(asked);
      if (ours) return fault;
    }
    const isFresh = this.#isFresh();
    const held = read(this.#store.name);
    if (held?.tab && (await this.#store.hold(held))) await this.#context.tokens.ready();
    if (this.#context.tokens.held) this.#context.tokens.token().catch(() => {}); // without a connection it is tried again later
    else if (this.#store.isKnown && !isFresh) await this.login({ silent: true });
    return undefined;
  }

  /**
   * Leave for the sign-in page; the visitor comes back to where they are now.
   *
   * @param {LoginOptions} options
   */
  async login({ create = false, silent = false, scopes = this.#context.scopes }) {
    const { origin } = new URL((await this.#issuer.metadata()).issuer || location.href);
    if (this.#context.base.origin === location.origin && this.#issuer.isOtherName(origin, location.origin)) {
      return leave(`${origin}${location.pathname}?${create ? "sign-up" : "sign-in"}${location.hash}`);
    }
    const redirectUri = this.#context.redirectUri ?? `${location.origin}/`;
    const prompt = create ? "create" : silent ? "none" : undefined;
    const { attempt, address } = await begin(this.#issuer, { redirectUri, scopes, prompt });
    write(this.#attempt, { ...attempt, silent, back: location.href });
    return leave(address, { replace: silent });
  }

  /** Sign out, in every tab and at the issuer. */
  async logout() {
    const { idToken, refreshToken } = this.#context.tokens.held ?? {};
    this.#others.postMessage("signed out");
    await this.#context.tokens.forget();
    if (refreshToken !== undefined) await this.#issuer.post("revocation_endpoint", { token: refreshToken }).catch(() => {}); // it ends by itself
    const { end_session_endpoint: endpoint } = await this.#issuer.metadata();
    if (endpoint === undefined) return;
    const back = this.#context.redirectUri ?? `${location.origin}/`;
    const query = { client_id: this.#issuer.clientId ?? "", post_logout_redirect_uri: back, ...(idToken && { id_token_hint: idToken }) };
    await leave(`${endpoint}?${new URLSearchParams(query)}`);
  }

  /**
   * Take what the sign-in page sent back. A link that somebody else made answers nothing.
   *
   * @param {URLSearchParams} answer
   * @returns {Promise<{ ours: boolean, fault?: Error | undefined }>}
   */
  async #finish(answer) {
    const attempt = /** @type {WebAttempt | undefined} */ (read(this.#attempt));
    if (!attempt || attempt.state !== answer.get("state")) {
      show(location.pathname);
      return { ours: false };
    }
    sessionStorage.removeItem(this.#attempt);
    const fault = await this.#take(attempt, answer);
    await this.#goBack(attempt);
    return { ours: true, fault };
  }

  /**
   * Back to where the visitor was: by leaving for it, unless this page alone holds the tokens.
   *
   * @param {WebAttempt} attempt
   */
  async #goBack({ back, silent }) {
    const { origin, href, pathname, search, hash } = new URL(back, location.href);
    if (origin !== location.origin) return show(location.pathname);
    const { accessToken, refreshToken } = this.#context.tokens.held ?? {};
    const isOnlyHere = accessToken !== undefined && refreshToken === undefined;
    if (pathname === location.pathname || isOnlyHere) return show(pathname + search + hash);
    if (accessToken !== undefined && silent) write(this.#fresh, true);
    await leave(href, { replace: true });
  }

  /** Whether somebody was signed in silently on the page before this one. */
  #isFresh() {
    const found = read(this.#fresh) === true;
    sessionStorage.removeItem(this.#fresh);
    return found;
  }

  /**
   * @param {WebAttempt} attempt
   * @param {URLSearchParams} answer
   */
  async #take(attempt, answer) {
    try {
      const tokens = await finish(this.#issuer, attempt, answer, { now: this.#context.now() });
      await this.#store.hold({ tab: secret() });
      await this.#context.tokens.accept(tokens);
      return undefined;
    } catch (error) {
      await this.#context.tokens.forget();
      const isChoice = error instanceof SignInFailed && error.error === "access_denied";
      return attempt.silent || isChoice ? undefined : /** @type {Error} */ (error);
    }
  }
}

/**
 * What this tab holds. A tab that was duplicated holds the same: only the first may use it (RFC 9700 section 4.14).
 *
 * @implements {TokenStore}
 */
class TabStore {
  #hint;
  /** @type {string | undefined} */
  #tab;

  /** @param {string} name of what is kept in sessionStorage */
  constructor(name) {
    this.name = name;
    this.#hint = `signed-in:${name}`; // in localStorage: some tab of this browser was signed in, and can stay so. Not a secret
  }

  /** Whether some tab of this browser was signed in. */
  get isKnown() {
    return localStorage.getItem(this.#hint) !== null;
  }

  /**
   * Take it up, where no other tab has.
   *
   * @param {Held} held
   * @returns {Promise<boolean>}
   */
  async hold(held) {
    /** @type {boolean} */
    const alone = await new Promise((decide, fail) => {
      const take = (/** @type {Lock | null} */ lock) => {
        decide(lock !== null);
        return lock && new Promise(() => {}); // as long as the page lives
      };
      navigator.locks.request(`${this.name}:${held.tab}`, { ifAvailable: true }, take).catch(fail);
    });
    if (alone) {
      this.#tab = held.tab;
      write(this.name, held);
    } else sessionStorage.removeItem(this.name);
    return alone;
  }

  /** @returns {Tokens | undefined} */
  load() {
    const { refreshToken, idToken } = (this.#tab && read(this.name)) || {};
    if (typeof refreshToken !== "string") return undefined;
    return { refreshToken, ...(typeof idToken === "string" && { idToken }) };
  }

  /** @param {Tokens} tokens */
  save({ refreshToken, idToken }) {
    write(this.name, { tab: this.#tab, refreshToken, idToken });
    if (refreshToken !== undefined) localStorage.setItem(this.#hint, "yes");
  }

  clear() {
    sessionStorage.removeItem(this.name);
    localStorage.removeItem(this.#hint);
  }
}

/**
 * Show another address of this origin, without going there. By itself a path such as `//evil.example` would be elsewhere.
 *
 * @param {string} path with what comes after it
 */
function show(path) {
  history.replaceState(null, "", location.origin + path);
}

/**
 * Go to an address. What comes after is never reached: the page is left.
 *
 * @param {string} address
 * @param {{ replace?: boolean }} [options]
 * @returns {Promise<void>}
 */
function leave(address, { replace = false } = {}) {
  if (replace) location.replace(address);
  else location.assign(address);
  return new Promise(() => {});
}

/**
 * @param {string} key
 * @returns {any}
 */
function read(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? "") ?? undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param {string} key
 * @param {unknown} value
 */
function write(key, value) {
  sessionStorage.setItem(key, JSON.stringify(value));
}
