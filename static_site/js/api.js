// The concierge's API: the one client of this page. `portico sdk` writes the module; nothing here knows an address.

import { ApiError, Concierge, ConnectionFailed, NotSignedIn, SdkError, Unauthorized } from "/sdk/concierge/index.js";

export const concierge = new Concierge(location.origin, {
  clientId: "chat", // of auth/pool.yaml
  scopes: ["openid", "profile", "email", "concierge/chat", "concierge/orders"],
  timeout: 35, // seconds: longer than the server lets a handler run
});

/** Who is signed in: {user: {subject, name, email}, started, fault}. Events: "change". */
export const session = concierge.session;

/** Whether no answer came: no network, the server is down, or it took too long. */
export function isOffline(error) {
  return error instanceof ConnectionFailed;
}

/** Whether nobody is signed in (any more), and what was asked for needs somebody. */
export function isSignedOut(error) {
  return error instanceof NotSignedIn || error instanceof Unauthorized;
}

/** What the server says is wrong, for the visitor; "" where it is not the visitor's to mend. */
export function told(error) {
  return error instanceof ApiError && error.status < 500 ? (error.problem.detail ?? error.problem.title ?? "") : "";
}

/** The faults of a request: [[JSON pointer, words], ...]. */
export function faults(error) {
  const listed = error instanceof ApiError && Array.isArray(error.problem.errors) ? error.problem.errors : [];
  return listed.filter((fault) => fault.pointer && fault.detail).map((fault) => [fault.pointer, fault.detail]);
}

/** The number under which the server knows a request, for reports; "" where there is none. */
export function requestId(error) {
  return (error instanceof ApiError && error.requestId) || "";
}

/** Why signing in came to nothing, for the visitor. */
export function whyNot(fault) {
  if (!fault) return "";
  if (isOffline(fault) || !(fault instanceof SdkError)) return "The shop cannot be reached. Please try again.";
  return "Signing in did not work. Please try again.";
}
