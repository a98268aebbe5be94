/**
 * Signing in from a program in Node: through the browser and back to a port of this machine (RFC 8252), or with a code
 * that is typed in somewhere else (RFC 8628).
 *
 * @import { Context } from "./context.js"
 * @import { Attempt } from "./authorization.js"
 * @import { Issuer } from "./issuer.js"
 * @import { Flow } from "./session.js"
 * @import { LoginOptions } from "./types.js"
 */
import type { Context } from "./context.js";
import type { Flow } from "./session.js";
import type { LoginOptions } from "./types.js";
/** @implements {Flow} */
export declare class TerminalLogin implements Flow {
    #private;
    /** @param {Context} context */
    constructor(context: Context);
    /** Take up the tokens of an earlier sign-in. */
    resume(): Promise<undefined>;
    /** @param {LoginOptions} options */
    login({ device, open, show, scopes, signal, timeout }: LoginOptions): Promise<void>;
    logout(): Promise<void>;
}
