/**
 * Signing in with the authorization code flow and PKCE (OpenID Connect Core section 3.1, RFC 7636, RFC 9700).
 *
 * @import { Issuer, TokenAnswer } from "./issuer.js"
 */

import { digest } from "./digest.js";
import { base64url, claimsOf, secret } from "./encoding.js";
import { SignInFailed } from "./errors.js";

/**
 * What must be remembered until the answer comes.
 *
 * @typedef {object} Attempt
 * @property {string} state
 * @property {string} nonce
 * @property {string} verifier
 * @property {string} redirectUri
 */

/**
 * Begin.
 *
 * @param {Issuer} issuer
 * @param {{ redirectUri: string, scopes: readonly string[], prompt?: string | undefined }} asked
 * @returns {Promise<{ attempt: Attempt, address: string }>}
 */
export async function begin(issuer, { redirectUri, scopes, prompt }) {
  const { authorization_endpoint: endpoint } = await issuer.metadata();
  if (endpoint === undefined) throw new SignInFailed("The issuer has no sign-in page.");
  if (issuer.clientId === undefined) throw new SignInFailed("Signing in needs a clientId.");
  const attempt = { state: secret(), nonce: secret(), verifier: secret(), redirectUri };
  const address = new URL(endpoint);
  const query = {
    response_type: "code",
    client_id: issuer.clientId,
    redirect_uri: redirectUri,
    scope: scopes.join(" "),
    state: attempt.state,
    nonce: attempt.nonce,
    code_challenge: base64url(await digest(attempt.verifier)),
    code_challenge_method: "S256",
    ...(prompt === undefined ? {} : { prompt }),
  };
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
  return { attempt, address: address.href };
}

/**
 * Take the answer. Throws SignInFailed.
 *
 * @param {Issuer} issuer
 * @param {Attempt} attempt the one whose `state` the answer has
 * @param {URLSearchParams} answer
 * @param {{ now: number, signal?: AbortSignal | undefined }} options seconds since the epoch
 * @returns {Promise<TokenAnswer>}
 */
export async function finish(issuer, attempt, answer, { now, signal }) {
  const metadata = await issuer.metadata();
  const [from, error, code] = [answer.get("iss"), answer.get("error"), answer.get("code")];
  const mustSay = metadata.authorization_response_iss_parameter_supported === true;
  const isNamed = metadata.issuer !== ""; // where only the addresses of a flow are known nothing can be compared
  if (isNamed && (mustSay || from !== null) && from !== metadata.issuer) throw new SignInFailed("Somebody else has answered."); // RFC 9207
  if (error !== null) throw new SignInFailed("Signing in did not work. Please try again.", { error, description: answer.get("error_description") ?? "" });
  if (code === null) throw new SignInFailed("The answer to signing in holds nothing. Please try again.");
  const { redirectUri, verifier, nonce } = attempt;
  const tokens = await issuer.tokens({ grant_type: "authorization_code", code, redirect_uri: redirectUri, code_verifier: verifier }, signal);
  if (isNamed && tokens.id_token !== undefined) check(tokens.id_token, { issuer: metadata.issuer, clientId: issuer.clientId ?? "", nonce, now });
  return tokens;
}

/**
 * Whether an ID token is the answer to this attempt. It came from the issuer itself, so its signature need not be
 * verified (OpenID Connect Core section 3.1.3.7, point 6).
 *
 * @param {string} token
 * @param {{ issuer: string, clientId: string, nonce: string, now: number }} expected
 */
function check(token, { issuer, clientId, nonce, now }) {
  let claims;
  try {
    claims = claimsOf(token);
  } catch (cause) {
    throw new SignInFailed("The answer to signing in cannot be read. Please try again.", { cause });
  }
  const isOurs = claims["iss"] === issuer && [claims["aud"]].flat().includes(clientId);
  if (!isOurs || claims["nonce"] !== nonce || !(Number(claims["exp"]) > now)) throw new SignInFailed("The answer to signing in does not fit. Please try again.");
}
