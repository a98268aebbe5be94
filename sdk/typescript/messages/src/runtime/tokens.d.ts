/**
 * The tokens of whoever is signed in.
 *
 * @import { Issuer, TokenAnswer } from "./issuer.js"
 * @import { Tokens, TokenStore } from "./types.js"
 */
import type { Issuer, TokenAnswer } from "./issuer.js";
import type { Tokens, TokenStore } from "./types.js";
/** Keeps tokens where a client lives. */
export declare class MemoryTokenStore {
    #private;
    load(): Tokens | undefined;
    /** @param {Tokens} tokens */
    save(tokens: Tokens): void;
    clear(): void;
}
/** Holds the tokens of one client and renews them, one renewal at a time. */
export declare class TokenKeeper {
    #private;
    /** Told when somebody else is signed in, or nobody any more. @type {() => void} */
    onchange: () => void;
    /**
     * @param {{ issuer: Issuer | undefined, clock: () => number, store: TokenStore, tokens?: Tokens | undefined, scopes: readonly string[] }} options
     */
    constructor({ issuer, clock, store, tokens, scopes }: {
        issuer: Issuer | undefined;
        clock: () => number;
        store: TokenStore;
        tokens?: Tokens | undefined;
        scopes: readonly string[];
    });
    /** What is held now. @returns {Readonly<Tokens> | undefined} */
    get held(): Readonly<Tokens> | undefined;
    /** Whether there is a way to a token. */
    get available(): boolean;
    /** Take up what the store holds, once. */
    ready(): Promise<void> | undefined;
    /**
     * Another store from now on.
     *
     * @param {TokenStore} store
     */
    use(store: TokenStore): void;
    /**
     * A token that is good for a while, if one is at hand.
     *
     * @param {string} [instead] one that was refused
     */
    peek(instead?: string): string | undefined;
    /**
     * A token; undefined when nobody is signed in.
     *
     * @param {string} [instead] one that was refused, so that another is needed
     * @returns {Promise<string | undefined>}
     */
    token(instead?: string): Promise<string | undefined>;
    /**
     * Hold what an issuer has answered to somebody who has signed in. Nothing stays of who was signed in before.
     *
     * @param {TokenAnswer} answer
     */
    accept(answer: TokenAnswer): Promise<void>;
    /** Nobody is signed in any more. */
    forget(): Promise<void>;
}
