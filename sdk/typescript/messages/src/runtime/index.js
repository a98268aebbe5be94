/** What every generated SDK gives to its callers, beside its own. */

export { ApiPromise } from "./promise.js";
export { Download } from "./download.js";
export {
  ApiError,
  BadArgument,
  BadRequest,
  Conflict,
  ConnectionFailed,
  Forbidden,
  NotFound,
  NotSignedIn,
  SdkError,
  ServerError,
  SignInFailed,
  TimedOut,
  TooManyRequests,
  Unauthorized,
  UnexpectedAnswer,
  UnprocessableContent,
} from "./errors.js";
export { EventStream } from "./events.js";
export { FileTokenStore } from "./file-token-store.js";
export { Decimal } from "./json.js";
export { JsonLines } from "./lines.js";
export { PageIterator } from "./pages.js";
export { MemoryTokenStore } from "./tokens.js";
