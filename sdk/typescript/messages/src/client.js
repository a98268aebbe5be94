// Messages: the client.
// Written by `portico sdk`; the next run overwrites what is changed here.

import * as operations from "./operations.js";

export class Messages extends operations.Client {
  answerMessage(params, options) {
    return operations.answerMessage(this, params, options);
  }

}
