/**
 * Parameters in a request, in the styles of OpenAPI (OpenAPI 3.2, Style Values).
 *
 * @import { Parameter } from "./types.js"
 */
import type { Parameter } from "./types.js";
/**
 * What stands in the path in place of `{name}`.
 *
 * @param {Parameter} parameter
 * @param {unknown} value
 */
export declare function pathText(parameter: Parameter, value: unknown): string;
/**
 * What stands in the query string, without the `&` between.
 *
 * @param {Parameter} parameter
 * @param {unknown} value
 * @returns {string[]}
 */
export declare function queryPairs(parameter: Parameter, value: unknown): string[];
/**
 * A header's value: always in the style `simple`.
 *
 * @param {Parameter} parameter
 * @param {unknown} value
 */
export declare function headerText(parameter: Parameter, value: unknown): string;
/**
 * What stands in the Cookie header, without the `; ` between.
 *
 * @param {Parameter} parameter
 * @param {unknown} value
 * @returns {string[]}
 */
export declare function cookiePairs(parameter: Parameter, value: unknown): string[];
/**
 * One value as text: `true`, `1.5`, `null`; an object or array inside another is JSON.
 *
 * @param {unknown} value
 * @param {"date" | "datetime"} [date] how a Date is written
 * @returns {string}
 */
export declare function scalar(value: unknown, date?: "date" | "datetime"): string;
