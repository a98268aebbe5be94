/** Texts of the protocol: percent-encoding, base64, random names. */
/**
 * Percent-encode all but the unreserved characters of RFC 3986 section 2.3.
 *
 * @param {string} text
 */
export declare function percent(text: string): string;
/** @param {string} text */
export declare function bytesOf(text: string): Uint8Array<ArrayBuffer>;
/** @param {Uint8Array} bytes */
export declare function base64(bytes: Uint8Array): string;
/**
 * base64url without padding (RFC 4648 section 5).
 *
 * @param {Uint8Array} bytes
 */
export declare function base64url(bytes: Uint8Array): string;
/** A text that nobody can guess: 256 bits. */
export declare function secret(): string;
/** A name that nobody else makes: 32 hexadecimal digits. */
export declare function unique(): string;
/** @param {Uint8Array} bytes */
export declare function hexadecimal(bytes: Uint8Array): string;
/**
 * What a JSON Web Token says. Nothing is verified: for tokens that came from their issuer itself.
 *
 * @param {string} token
 * @returns {Record<string, unknown>}
 */
export declare function claimsOf(token: string): Record<string, unknown>;
