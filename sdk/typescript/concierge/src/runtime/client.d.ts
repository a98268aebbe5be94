/**
 * A client: an address, and who calls.
 *
 * @import { Api, ClientOptions, LoginOptions } from "./types.js"
 */
import type { Api, ClientOptions, LoginOptions } from "./types.js";
import { Context } from "./context.js";
import { Session } from "./session.js";
/**
 * What a client holds; for the runtime.
 *
 * @type {(client: Client) => Context}
 */
export declare let internals: (client: Client) => Context;
/** What the client classes of all generated SDKs are made of. */
export declare class Client {
    #private;
    /**
     * @param {Api} api
     * @param {string | URL} [baseUrl]
     * @param {ClientOptions} [options]
     */
    constructor(api: Api, baseUrl?: string | URL, options?: ClientOptions);
    /** Who is signed in. */
    get session(): Session;
    /**
     * Sign somebody in. Terminals: opens the browser, and is done when the person is. Web pages: leaves for the sign-in
     * page; call `resume()` when the page is loaded.
     *
     * @param {LoginOptions} [options]
     */
    login(options?: LoginOptions): Promise<void>;
    /** Web pages, when they are loaded: finish a sign-in, take up what this tab holds, or ask silently who it is. */
    resume(): Promise<void>;
    /** Sign out. In web pages this leaves for the issuer, which leads back. */
    logout(): Promise<void>;
    /** Shows no secret. */
    toJSON(): {
        api: string;
        baseUrl: string;
    };
    toString(): string;
}
