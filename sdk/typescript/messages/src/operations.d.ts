// Messages: the operations as functions.
// Written by `portico sdk`; the next run overwrites what is changed here.

import type { ApiPromise } from "./runtime/promise.js";
import { Client as Base } from "./runtime/client.js";
import type { Decimal } from "./runtime/json.js";
import type { Download } from "./runtime/download.js";
import type { EventStream } from "./runtime/events.js";
import type { JsonLines } from "./runtime/lines.js";
import type { PageIterator } from "./runtime/pages.js";
import type { Bytes, CallOptions, ClientOptions, Upload } from "./runtime/types.js";
import type * as models from "./models.js";

/** A client without methods: for the functions below. */
export declare class Client extends Base {
  /**
   * @param baseUrl where the API is: an origin, or the whole base with its path
   */
  constructor(baseUrl?: string | URL, options?: ClientOptions);
}

export type AnswerMessageParams = ((models.Message & { body?: undefined }) | { body: models.Message });

/**
 * Answer a message
 *
 * Sends a short text and receives the answer to it.
 */
export declare function answerMessage(client: Base, params: AnswerMessageParams, options?: CallOptions): ApiPromise<models.Answer>;
