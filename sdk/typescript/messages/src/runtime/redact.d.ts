/** What hooks may see: everything but secrets. */
/** Takes out of requests and answers what proves who somebody is. */
export declare class Redactor {
    #private;
    /** @param {Iterable<import("./types.js").Scheme>} schemes whose keys are secrets */
    constructor(schemes: Iterable<import("./types.js").Scheme>);
    /**
     * @param {Iterable<[string, string]>} headers
     * @returns {Record<string, string>}
     */
    headers(headers: Iterable<[string, string]>): Record<string, string>;
    /**
     * A URL, or a text with some, without what is secret in their queries and fragments.
     *
     * @param {string} url
     */
    url(url: string): string;
}
