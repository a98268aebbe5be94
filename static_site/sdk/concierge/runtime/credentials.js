/**
 * Keys to sign with: given, or exchanged for the token of whoever is signed in.
 *
 * @import { Issuer } from "./issuer.js"
 * @import { Credentials } from "./types.js"
 */

import { Unauthorized } from "./errors.js";

const EARLY = 60; // seconds before they end that credentials are renewed

/** Holds credentials and renews them, one renewal at a time. */
export class CredentialKeeper {
  #given;
  #issuer;
  #token;
  #role;
  #clock;
  /** @type {Credentials | undefined} */
  #held;
  /** @type {Promise<Credentials> | undefined} */
  #renewal;
  #generation = 0;

  /**
   * @param {{ given: Credentials | (() => Credentials | Promise<Credentials>) | undefined, issuer: Issuer | undefined,
   *   token: (instead?: string) => Promise<string | undefined>, role: string | undefined, clock: () => number }} options
   */
  constructor({ given, issuer, token, role, clock }) {
    this.#given = given;
    this.#issuer = issuer;
    this.#token = token;
    this.#role = role;
    this.#clock = clock;
  }

  /** Whether others can take the place of those that have ended. */
  get renewable() {
    return typeof this.#given !== "object";
  }

  /**
   * Whether there is a way to credentials.
   *
   * @param {boolean} signedIn
   */
  async available(signedIn) {
    if (this.#given !== undefined || this.#held !== undefined) return true;
    return signedIn && this.#issuer !== undefined && (await this.#issuer.givesCredentials());
  }

  /** Credentials that are good for a while, if some are at hand. */
  peek() {
    if (typeof this.#given === "object") return this.#given;
    const held = this.#held;
    return held && (held.expiration === undefined || held.expiration - EARLY > this.#clock()) ? held : undefined;
  }

  /**
   * Credentials.
   *
   * @returns {Promise<Credentials>}
   */
  async credentials() {
    const good = this.peek();
    if (good !== undefined) return good;
    const renewal = (this.#renewal ??= this.#renew(this.#generation));
    try {
      return await renewal;
    } finally {
      if (this.#renewal === renewal) this.#renewal = undefined;
    }
  }

  /** @param {number} generation */
  async #renew(generation) {
    const found = typeof this.#given === "function" ? await this.#given() : await this.#exchange();
    if (generation === this.#generation) this.#held = found; // else somebody else has signed in since
    return found;
  }

  async #exchange() {
    const issuer = /** @type {Issuer} */ (this.#issuer);
    const token = (await this.#token()) ?? "";
    try {
      return await issuer.credentials(token, this.#role);
    } catch (error) {
      const another = error instanceof Unauthorized ? await this.#token(token) : undefined;
      if (another === undefined) throw error;
      return issuer.credentials(another, this.#role);
    }
  }

  /**
   * Do not use these any more.
   *
   * @param {Credentials} [refused] those that a server has refused; without, whatever is held
   */
  forget(refused = this.#held) {
    if (refused !== this.#held) return;
    this.#held = undefined;
    this.#renewal = undefined;
    this.#generation += 1;
  }
}
