/**
 * One call, with everything that it takes: who calls, attempts, redirects, mending, pauses.
 *
 * @import { CallOptions, Operation } from "./types.js"
 * @import { Client } from "./client.js"
 * @import { Context } from "./context.js"
 * @import { Answer } from "./node-http.js"
 * @import { Prepared } from "./request.js"
 * @import { Outgoing, Proof } from "./security.js"
 */
import type { CallOptions, Operation } from "./types.js";
import type { Client } from "./client.js";
import { ApiPromise } from "./promise.js";
/**
 * Call an operation.
 *
 * @param {Client} client
 * @param {Operation} operation
 * @param {object} [params] arguments by name
 * @param {CallOptions} [options]
 * @param {URL} [target] another address: that of a next page
 * @returns {ApiPromise<any>}
 */
export declare function call(client: Client, operation: Operation, params?: object, options?: CallOptions, target?: URL): ApiPromise<any>;
