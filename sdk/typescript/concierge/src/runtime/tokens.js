/**
 * The tokens of whoever is signed in.
 *
 * @import { Issuer, TokenAnswer } from "./issuer.js"
 * @import { Tokens, TokenStore } from "./types.js"
 */

import { SignInFailed } from "./errors.js";

const EARLY = 30; // seconds before it ends that a token is renewed

/** Keeps tokens where a client lives. */
export class MemoryTokenStore {
  /** @type {Tokens | undefined} */
  #tokens;

  load() {
    return this.#tokens;
  }

  /** @param {Tokens} tokens */
  save(tokens) {
    this.#tokens = tokens;
  }

  clear() {
    this.#tokens = undefined;
  }
}

/** Holds the tokens of one client and renews them, one renewal at a time. */
export class TokenKeeper {
  #issuer;
  #clock;
  #scopes;
  /** @type {TokenStore} */
  #store;
  /** @type {Tokens | undefined} */
  #held;
  /** @type {Promise<void> | undefined} */
  #loading;
  /** @type {Promise<void> | undefined} */
  #renewal;
  /** @type {Promise<unknown>} */
  #written = Promise.resolve();
  /** Another one for each sign-in and sign-out: what was asked for before counts no more. */
  #generation = 0;

  /** Told when somebody else is signed in, or nobody any more. @type {() => void} */
  onchange = () => {};

  /**
   * @param {{ issuer: Issuer | undefined, clock: () => number, store: TokenStore, tokens?: Tokens | undefined, scopes: readonly string[] }} options
   */
  constructor({ issuer, clock, store, tokens, scopes }) {
    this.#issuer = issuer;
    this.#clock = clock;
    this.#store = store;
    this.#held = tokens;
    this.#scopes = scopes;
  }

  /** What is held now. @returns {Readonly<Tokens> | undefined} */
  get held() {
    return this.#held;
  }

  /** Whether there is a way to a token. */
  get available() {
    return this.#held !== undefined || (this.#issuer?.hasSecret ?? false);
  }

  /** Take up what the store holds, once. */
  ready() {
    if (this.#held) return undefined;
    return (this.#loading ??= this.#load());
  }

  async #load() {
    const generation = this.#generation;
    const found = await this.#store.load();
    if (found && !this.#held && generation === this.#generation) this.#take(found);
  }

  /**
   * Another store from now on.
   *
   * @param {TokenStore} store
   */
  use(store) {
    this.#store = store;
    this.#loading = undefined;
  }

  /**
   * A token that is good for a while, if one is at hand.
   *
   * @param {string} [instead] one that was refused
   */
  peek(instead) {
    const held = this.#held;
    if (held?.accessToken === undefined || held.accessToken === instead) return undefined;
    return held.expiresAt === undefined || held.expiresAt - EARLY > this.#clock() ? held.accessToken : undefined;
  }

  /**
   * A token; undefined when nobody is signed in.
   *
   * @param {string} [instead] one that was refused, so that another is needed
   * @returns {Promise<string | undefined>}
   */
  async token(instead) {
    const good = this.peek(instead);
    if (good !== undefined) return good;
    const renewal = (this.#renewal ??= this.#renew(instead));
    try {
      await renewal;
    } finally {
      if (this.#renewal === renewal) this.#renewal = undefined;
    }
    return this.peek(instead) ?? (this.#held?.accessToken === instead ? undefined : this.#held?.accessToken);
  }

  /** @param {string} [instead] */
  async #renew(instead) {
    if (!this.#issuer) return;
    const generation = this.#generation;
    if (this.#issuer.hasSecret && !this.#held?.refreshToken) return this.#renewed(await this.#issuer.tokens(this.#machine()), generation);
    const refresh = () => this.#refresh(generation, instead);
    await (this.#store.alone ? this.#store.alone(refresh) : refresh());
  }

  /**
   * @param {number} generation in which it was asked for
   * @param {string} [instead]
   */
  async #refresh(generation, instead) {
    const issuer = /** @type {Issuer} */ (this.#issuer);
    const stored = await this.#store.load(); // another program may have renewed them
    if (generation !== this.#generation) return;
    if (stored?.refreshToken && stored.refreshToken !== this.#held?.refreshToken) this.#take(stored);
    const refreshToken = this.#held?.refreshToken;
    if (this.peek(instead) !== undefined || refreshToken === undefined) return;
    try {
      await this.#renewed(await issuer.tokens({ grant_type: "refresh_token", refresh_token: refreshToken }), generation);
    } catch (error) {
      if (!(error instanceof SignInFailed) || error.error !== "invalid_grant") throw error; // the issuer did not refuse it
      const kept = await this.#store.load();
      if (generation !== this.#generation) return;
      if (kept?.refreshToken === undefined || kept.refreshToken === refreshToken) return this.forget();
      this.#take(kept); // another program was faster
      if (this.peek(instead) === undefined) await this.#refresh(generation, instead);
    }
  }

  /**
   * Hold what a renewal brought: what the issuer does not name again stays. Too late for somebody who has signed out, it
   * is given back.
   *
   * @param {TokenAnswer} answer
   * @param {number} generation in which it was asked for
   */
  async #renewed(answer, generation) {
    if (generation === this.#generation) return this.#keep(this.#tokensOf(answer, this.#held));
    const late = answer.refresh_token ?? answer.access_token;
    await this.#issuer?.post("revocation_endpoint", { token: late }).catch(() => {}); // it ends by itself
  }

  #machine() {
    const scope = this.#scopes.filter((one) => !["openid", "profile", "email", "offline_access"].includes(one)).join(" ");
    return { grant_type: "client_credentials", ...(scope && { scope }) };
  }

  /**
   * Hold what an issuer has answered to somebody who has signed in. Nothing stays of who was signed in before.
   *
   * @param {TokenAnswer} answer
   */
  async accept(answer) {
    this.#begin();
    await this.#keep(this.#tokensOf(answer));
  }

  /**
   * @param {TokenAnswer} answer
   * @param {Tokens} [before] of the same person
   * @returns {Tokens}
   */
  #tokensOf({ access_token: accessToken, expires_in: seconds, refresh_token: refreshToken, id_token: idToken }, before = {}) {
    /** @type {Tokens} */
    const tokens = { accessToken };
    const [refresh, id] = [refreshToken ?? before.refreshToken, idToken ?? before.idToken];
    if (refresh !== undefined) tokens.refreshToken = refresh;
    if (id !== undefined) tokens.idToken = id;
    if (typeof seconds === "number") tokens.expiresAt = this.#clock() + seconds;
    return tokens;
  }

  /** @param {Tokens} tokens */
  async #keep(tokens) {
    this.#take(tokens);
    await this.#write(() => this.#store.save(tokens));
  }

  /** @param {Tokens} tokens */
  #take(tokens) {
    this.#held = tokens;
    this.onchange();
  }

  /** Nobody is signed in any more. */
  async forget() {
    this.#begin();
    this.#held = undefined;
    this.onchange();
    await this.#write(() => this.#store.clear());
  }

  #begin() {
    this.#generation += 1;
    this.#renewal = undefined;
  }

  /**
   * Change the store: one change after another, so that the last one stays.
   *
   * @param {() => void | Promise<void>} change
   * @returns {Promise<void>}
   */
  #write(change) {
    const done = this.#written.then(change);
    this.#written = done.catch(() => {});
    return done;
  }
}
