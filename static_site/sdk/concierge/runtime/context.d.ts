/**
 * What one client holds: its options, complete, and whoever is signed in. Nothing of it can be seen from outside.
 *
 * @import { Api, ClientOptions, Operation } from "./types.js"
 */
import type { Api, ClientOptions, Operation } from "./types.js";
import { CredentialKeeper } from "./credentials.js";
import { Issuer } from "./issuer.js";
import { Redactor } from "./redact.js";
import { Template } from "./request.js";
import { Signer } from "./sign.js";
import { TokenKeeper } from "./tokens.js";
export declare class Context {
    #private;
    api: Api;
    base: {
        origin: string;
        host: string;
        path: string;
    };
    /** What sends requests, where it is not `fetch`. */
    send: ((url: string, init: import("./node-http.js").Sent, watch: import("./watch.js").Watch) => Promise<import("./node-http.js").NodeResponse>) | undefined;
    fetch: typeof fetch;
    clock: () => number;
    sleep: (seconds: number, signal?: AbortSignal) => Promise<void>;
    random: () => number;
    timeout: number;
    deadline: number | undefined;
    retries: Required<import("./types.js").RetryOptions>;
    maxAnswer: number;
    headers: Record<string, string>;
    hooks: import("./types.js").Hooks;
    redactor: Redactor;
    basic: {
        readonly username: string;
        readonly password: string;
    } | undefined;
    scopes: readonly string[];
    issuer: Issuer | undefined;
    tokens: TokenKeeper;
    credentials: CredentialKeeper;
    signer: Signer;
    redirectUri: string | undefined;
    /** Seconds that the server's clock is ahead of this one. */
    offset: number;
    /**
     * @param {Api} api
     * @param {string | URL | undefined} baseUrl
     * @param {ClientOptions} options
     */
    constructor(api: Api, baseUrl: string | URL | undefined, options: ClientOptions);
    /** The time of the server, as far as it is known. */
    now(): number;
    /** Whether somebody is signed in, or can be without being asked. */
    get signedIn(): boolean;
    /** Whether another token can take the place of one that was refused. */
    get canRenew(): boolean;
    /**
     * A token for the API; undefined when nobody is signed in.
     *
     * @param {string} [instead] one that was refused
     * @returns {Promise<string | undefined>}
     */
    token(instead?: string): Promise<string | undefined>;
    /**
     * The key of a scheme.
     *
     * @param {string} scheme
     */
    keyOf(scheme: string): string | undefined;
    /**
     * @param {Operation} operation
     * @returns {Template}
     */
    template(operation: Operation): Template;
    /**
     * Whether an origin is shown who calls.
     *
     * @param {string} origin
     */
    trusts(origin: string): boolean;
}
