/**
 * JSON without loss: integers that a double cannot hold are `bigint`, decimals that it cannot hold are `Decimal`, and
 * both are written digit by digit. Whatever a double holds is a number, read and written by the platform itself.
 */
/** A number as it was written. Compute with it by a library for that; `Number(decimal)` is the nearest double. */
export declare class Decimal {
    #private;
    /** @param {string} text such as "0.1000000000000000055" */
    constructor(text: string);
    toString(): string;
    valueOf(): number;
    /** A text: JSON.stringify has no way to write exact digits. The SDK writes a number. */
    toJSON(): string;
}
/**
 * Read JSON. Throws SyntaxError.
 *
 * @param {string} text
 * @param {boolean} [exact] whether numbers may be in it that a double cannot hold
 * @returns {unknown}
 */
export declare function read(text: string, exact?: boolean): unknown;
/**
 * Write JSON.
 *
 * @param {unknown} value
 * @returns {string}
 */
export declare function write(value: unknown): string;
