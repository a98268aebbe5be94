// Messages.
// Written by `portico sdk`; the next run overwrites what is changed here.

export { Messages } from "./client.js";
export * from "./models.js";
export * from "./operations.js";
export {
  ApiError,
  ApiPromise,
  BadArgument,
  BadRequest,
  Conflict,
  ConnectionFailed,
  Decimal,
  Download,
  EventStream,
  FileTokenStore,
  Forbidden,
  JsonLines,
  MemoryTokenStore,
  NotFound,
  NotSignedIn,
  PageIterator,
  SdkError,
  ServerError,
  SignInFailed,
  TimedOut,
  TooManyRequests,
  Unauthorized,
  UnexpectedAnswer,
  UnprocessableContent,
} from "./runtime/index.js";
export type {
  Bytes,
  CallOptions,
  ClientOptions,
  Credentials,
  ExactNumber,
  Hooks,
  LoginOptions,
  ProblemDocument,
  RequestNotice,
  ResponseNotice,
  RetryNotice,
  RetryOptions,
  ServerEvent,
  SignedInUser,
  TokenStore,
  Tokens,
  UnknownMember,
  Upload,
  WithResponse,
} from "./runtime/types.js";
