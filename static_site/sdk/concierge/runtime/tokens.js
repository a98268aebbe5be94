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
    const found = await this.#store.load();
    if (found && !this.#held) this.#take(found);
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
    await (this.#renewal ??= this.#renew(instead).finally(() => (this.#renewal = undefined)));
    return this.peek(instead) ?? (this.#held?.accessToken === instead ? undefined : this.#held?.accessToken);
  }

  /** @param {string} [instead] */
  async #renew(instead) {
    if (!this.#issuer) return;
    if (this.#issuer.hasSecret && !this.#held?.refreshToken) return this.accept(await this.#issuer.tokens(this.#machine()));
    const stored = await this.#store.load(); // another program may have renewed them
    if (stored?.refreshToken && stored.refreshToken !== this.#held?.refreshToken) this.#take(stored);
    const refreshToken = this.#held?.refreshToken;
    if (this.peek(instead) !== undefined || refreshToken === undefined) return;
    try {
      await this.accept(await this.#issuer.tokens({ grant_type: "refresh_token", refresh_token: refreshToken }));
    } catch (error) {
      if (!(error instanceof SignInFailed) || error.error !== "invalid_grant") throw error; // the issuer did not refuse it
      const kept = await this.#store.load();
      if (kept?.refreshToken === undefined || kept.refreshToken === refreshToken) return this.forget();
      this.#take(kept); // another program was faster
      if (this.peek(instead) === undefined) await this.#renew(instead);
    }
  }

  #machine() {
    const scope = this.#scopes.filter((one) => !["openid", "profile", "email", "offline_access"].includes(one)).join(" ");
    return { grant_type: "client_credentials", ...(scope && { scope }) };
  }

  /**
   * Hold what an issuer has answered.
   *
   * @param {TokenAnswer} answer
   */
  async accept({ access_token: accessToken, expires_in: seconds, refresh_token: refreshToken, id_token: idToken }) {
    const before = this.#held ?? {};
    /** @type {Tokens} */
    const tokens = { accessToken };
    if (typeof seconds === "number") tokens.expiresAt = this.#clock() + seconds;
    const [refresh, id] = [refreshToken ?? before.refreshToken, idToken ?? before.idToken];
    if (refresh !== undefined) tokens.refreshToken = refresh;
    if (id !== undefined) tokens.idToken = id;
    this.#take(tokens);
    await this.#store.save(tokens);
  }

  /** @param {Tokens} tokens */
  #take(tokens) {
    this.#held = tokens;
    this.onchange();
  }

  /** Nobody is signed in any more. */
  async forget() {
    this.#held = undefined;
    this.onchange();
    await this.#store.clear();
  }
}
