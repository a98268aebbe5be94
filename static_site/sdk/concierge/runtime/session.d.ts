/**
 * Who is signed in.
 *
 * @import { Context } from "./context.js"
 * @import { LoginOptions, SignedInUser } from "./types.js"
 */
import type { Context } from "./context.js";
import type { LoginOptions, SignedInUser } from "./types.js";
export type Flow = {
    login: (options: LoginOptions) => Promise<void>;
    resume: () => Promise<Error | undefined>;
    logout: () => Promise<void>;
};
/**
 * How people sign in where this runs.
 *
 * @typedef {object} Flow
 * @property {(options: LoginOptions) => Promise<void>} login
 * @property {() => Promise<Error | undefined>} resume
 * @property {() => Promise<void>} logout
 */
/** Who is signed in. Tells it with the event "change". */
export declare class Session extends EventTarget {
    #private;
    /** @param {Context} context */
    constructor(context: Context);
    /** Undefined when nobody is signed in, or the issuer does not say who it is. */
    get user(): SignedInUser | undefined;
    /** Web pages: whether it is known yet who is signed in. */
    get started(): boolean;
    /** Web pages: why the last sign-in came to nothing. */
    get fault(): Error | undefined;
    /** @param {LoginOptions} [options] */
    login(options?: LoginOptions): Promise<void>;
    resume(): Promise<void>;
    logout(): Promise<void>;
}
