/**
 * Keys to sign with: given, or exchanged for the token of whoever is signed in.
 *
 * @import { Issuer } from "./issuer.js"
 * @import { Credentials } from "./types.js"
 */
import type { Issuer } from "./issuer.js";
import type { Credentials } from "./types.js";
/** Holds credentials and renews them, one renewal at a time. */
export declare class CredentialKeeper {
    #private;
    /**
     * @param {{ given: Credentials | (() => Credentials | Promise<Credentials>) | undefined, issuer: Issuer | undefined,
     *   token: (instead?: string) => Promise<string | undefined>, role: string | undefined, clock: () => number }} options
     */
    constructor({ given, issuer, token, role, clock }: {
        given: Credentials | (() => Credentials | Promise<Credentials>) | undefined;
        issuer: Issuer | undefined;
        token: (instead?: string) => Promise<string | undefined>;
        role: string | undefined;
        clock: () => number;
    });
    /** Whether others can take the place of those that have ended. */
    get renewable(): boolean;
    /**
     * Whether there is a way to credentials.
     *
     * @param {boolean} signedIn
     */
    available(signedIn: boolean): Promise<boolean>;
    /** Credentials that are good for a while, if some are at hand. */
    peek(): Credentials | undefined;
    /**
     * Credentials.
     *
     * @returns {Promise<Credentials>}
     */
    credentials(): Promise<Credentials>;
    /**
     * Do not use these any more.
     *
     * @param {Credentials} [refused] those that a server has refused; without, whatever is held
     */
    forget(refused?: Credentials): void;
}
