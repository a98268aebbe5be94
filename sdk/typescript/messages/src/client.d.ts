// Messages: the client.
// Written by `portico sdk`; the next run overwrites what is changed here.

import type { ApiPromise } from "./runtime/promise.js";
import type { Decimal } from "./runtime/json.js";
import type { Download } from "./runtime/download.js";
import type { EventStream } from "./runtime/events.js";
import type { JsonLines } from "./runtime/lines.js";
import type { PageIterator } from "./runtime/pages.js";
import type { CallOptions } from "./runtime/types.js";
import type * as models from "./models.js";
import * as operations from "./operations.js";

/**
 * Messages
 * Takes a message and gives one back.
 */
export declare class Messages extends operations.Client {
  /**
   * Answer a message
   *
   * Sends a short text and receives the answer to it.
   */
  answerMessage(params: operations.AnswerMessageParams, options?: CallOptions): ApiPromise<models.Answer>;

}
