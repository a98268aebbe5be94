/**
 * SHA-256 and HMAC: Node's own where it is at hand, since it answers at once; else Web Crypto, which browsers have on
 * https and on loopback addresses only.
 */
/**
 * SHA-256 in hexadecimal digits; a promise of it in browsers.
 *
 * @type {(data: string | Uint8Array) => string | Promise<string>}
 */
export declare const sha256: (data: string | Uint8Array) => string | Promise<string>;
/**
 * The same of what comes in pieces. In browsers all of it is held for a moment: Web Crypto takes no pieces.
 *
 * @param {Blob} blob
 * @returns {Promise<string>}
 */
export declare function sha256OfBlob(blob: Blob): Promise<string>;
/** A key that texts are signed with. */
export declare class HmacKey {
    #private;
    /** @param {Uint8Array} raw */
    constructor(raw: Uint8Array);
    /**
     * HMAC-SHA-256 (RFC 2104) in hexadecimal digits; a promise of it in browsers.
     *
     * @param {string} text
     * @returns {string | Promise<string>}
     */
    hex(text: string): string | Promise<string>;
    /**
     * @param {string} text
     * @returns {Promise<Uint8Array>}
     */
    bytes(text: string): Promise<Uint8Array>;
}
/**
 * SHA-256 as bytes.
 *
 * @param {string} text
 * @returns {Promise<Uint8Array>}
 */
export declare function digest(text: string): Promise<Uint8Array>;
