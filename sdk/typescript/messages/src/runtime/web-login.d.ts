/**
 * Signing in from a web page: the page is left for the sign-in page, and comes back. The access token is in memory only;
 * the refresh token is in sessionStorage, and ends with the tab.
 *
 * @import { Context } from "./context.js"
 * @import { Attempt } from "./authorization.js"
 * @import { Flow } from "./session.js"
 * @import { LoginOptions, Tokens, TokenStore } from "./types.js"
 */
import type { Context } from "./context.js";
import type { Attempt } from "./authorization.js";
import type { Flow } from "./session.js";
import type { LoginOptions } from "./types.js";
export type WebAttempt = Attempt & {
    silent: boolean;
    back: string;
};
export type Held = {
    tab?: string;
    refreshToken?: string;
    idToken?: string;
};
/**
 * @typedef {Attempt & { silent: boolean, back: string }} WebAttempt
 * @typedef {{ tab?: string, refreshToken?: string, idToken?: string }} Held
 */
/** @implements {Flow} */
export declare class WebLogin implements Flow {
    #private;
    /** @param {Context} context */
    constructor(context: Context);
    /** Find out who is signed in: by what the sign-in page sent back, by what this tab holds, or by asking the issuer. */
    resume(): Promise<Error | undefined>;
    /**
     * Leave for the sign-in page; the visitor comes back to where they are now.
     *
     * @param {LoginOptions} options
     */
    login({ create, silent, scopes }: LoginOptions): Promise<void>;
    /** Sign out, in every tab and at the issuer. */
    logout(): Promise<void>;
}
