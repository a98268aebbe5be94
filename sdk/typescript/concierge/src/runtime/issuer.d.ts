/**
 * The issuer of tokens: where it is (OpenID Connect Discovery, RFC 8414), and what it is asked for.
 *
 * @import { Credentials } from "./types.js"
 */
import type { Credentials } from "./types.js";
export type Metadata = {
    issuer: string;
    authorization_endpoint?: string;
    token_endpoint?: string;
    revocation_endpoint?: string;
    end_session_endpoint?: string;
    device_authorization_endpoint?: string;
    credentials_endpoint?: string;
    authorization_response_iss_parameter_supported?: boolean;
};
export type TokenAnswer = {
    access_token: string;
    expires_in?: number;
    refresh_token?: string;
    id_token?: string;
};
export type IssuerOptions = {
    /**
     * where the metadata is; absolute
     */
    discovery?: string;
    /**
     * whether it was written relative to the API: the host may have two names
     */
    near?: boolean;
    /**
     * where there is no discovery
     */
    metadata?: Metadata;
    fetch: typeof globalThis.fetch;
    /**
     * seconds
     */
    timeout: number;
    clock: () => number;
    clientId: string | undefined;
    clientSecret: string | undefined;
};
/**
 * @typedef {object} Metadata
 * @property {string} issuer
 * @property {string} [authorization_endpoint]
 * @property {string} [token_endpoint]
 * @property {string} [revocation_endpoint]
 * @property {string} [end_session_endpoint]
 * @property {string} [device_authorization_endpoint]
 * @property {string} [credentials_endpoint]
 * @property {boolean} [authorization_response_iss_parameter_supported]
 */
/**
 * What an issuer answers with (RFC 6749 section 5.1, OpenID Connect Core section 3.1.3.3).
 *
 * @typedef {object} TokenAnswer
 * @property {string} access_token
 * @property {number} [expires_in]
 * @property {string} [refresh_token]
 * @property {string} [id_token]
 */
/**
 * @typedef {object} IssuerOptions
 * @property {string} [discovery] where the metadata is; absolute
 * @property {boolean} [near] whether it was written relative to the API: the host may have two names
 * @property {Metadata} [metadata] where there is no discovery
 * @property {typeof globalThis.fetch} fetch
 * @property {number} timeout seconds
 * @property {() => number} clock
 * @property {string | undefined} clientId
 * @property {string | undefined} clientSecret
 */
/** One issuer, and one client of it. */
export declare class Issuer {
    #private;
    /** @param {IssuerOptions} options */
    constructor({ clientSecret, ...options }: IssuerOptions);
    get clientId(): string | undefined;
    get hasSecret(): boolean;
    /**
     * Whether an origin is another name of the one that this issuer was found at: `localhost` and `127.0.0.1`.
     *
     * @param {string} origin
     * @param {string} other
     */
    isOtherName(origin: string, other: string): boolean;
    /**
     * Its addresses; asked for once.
     *
     * @returns {Promise<Metadata>}
     */
    metadata(): Promise<Metadata>;
    /**
     * Tokens for a grant. Throws SignInFailed where it is refused.
     *
     * @param {Record<string, string>} form
     * @param {AbortSignal} [signal]
     * @returns {Promise<TokenAnswer>}
     */
    tokens(form: Record<string, string>, signal?: AbortSignal): Promise<TokenAnswer>;
    /**
     * @param {"token_endpoint" | "revocation_endpoint" | "device_authorization_endpoint"} endpoint
     * @param {Record<string, string>} form
     * @param {AbortSignal} [signal]
     */
    post(endpoint: "token_endpoint" | "revocation_endpoint" | "device_authorization_endpoint", form: Record<string, string>, signal?: AbortSignal): Promise<unknown>;
    /** Whether tokens can be exchanged for keys to sign with. */
    givesCredentials(): Promise<boolean>;
    /**
     * Keys to sign with.
     *
     * @param {string} token
     * @param {string} [role]
     * @returns {Promise<Credentials>}
     */
    credentials(token: string, role?: string): Promise<Credentials>;
}
