/** What can be sent as it is given. */
/**
 * Headers by lower-case names.
 *
 * @param {Readonly<Record<string, string | undefined>>} headers
 */
export declare function lowerCase(headers: Readonly<Record<string, string | undefined>>): Record<string, string>;
/**
 * A name that a header can have (RFC 9110 section 5.1), in lower case.
 *
 * @param {string} name
 */
export declare function headerName(name: string): string;
/**
 * A text that can be a header's value. What is wrong is told without it: it may be a secret.
 *
 * @param {string} name
 * @param {string} value
 */
export declare function sendable(name: string, value: string): string;
/**
 * @param {string} name
 * @param {number} value
 */
export declare function positive(name: string, value: number): number;
