/**
 * Who calls: which of the ways that an operation takes is used, and what it adds to a request.
 *
 * @import { Context } from "./context.js"
 * @import { Credentials, Operation, Scheme } from "./types.js"
 */

import { base64, bytesOf, percent, unique } from "./encoding.js";
import { BadArgument, NotSignedIn } from "./errors.js";
import { headerName, sendable } from "./sendable.js";

/** @type {Record<Scheme["kind"], number>} */
const STRENGTH = { signed: 4, bearer: 3, login: 3, client: 3, key: 2, basic: 1, none: 0 };
const SAFE = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);

/**
 * What proves who calls, in one attempt.
 *
 * @typedef {object} Proof
 * @property {string} [token] a bearer token
 * @property {Credentials} [credentials] to sign with
 * @property {string[]} schemes
 */

/**
 * A request on its way to be sent.
 *
 * @typedef {object} Outgoing
 * @property {string} method
 * @property {string} origin
 * @property {string} host
 * @property {string} path
 * @property {string} query
 * @property {Record<string, string>} headers by lower-case names
 * @property {string | Uint8Array<ArrayBuffer> | Blob | ReadableStream<Uint8Array> | undefined} body
 */

/**
 * Find what proves who calls. Throws NotSignedIn.
 *
 * @param {Context} context
 * @param {Operation} operation
 * @param {string | null} [chosen] a scheme's name
 * @param {string} [origin] that is called; another than the client's is shown nothing, if it is not trusted
 * @returns {Promise<Proof>}
 */
export async function prove(context, operation, chosen, origin = context.base.origin) {
  const schemes = context.trusts(origin) ? await choose(context, operation, chosen) : nobody(operation, chosen, origin);
  /** @type {Proof} */
  const proof = { schemes };
  for (const name of schemes) {
    const { kind } = schemeOf(context, name);
    if (kind === "signed") proof.credentials = context.credentials.peek() ?? (await context.credentials.credentials());
    else if (STRENGTH[kind] === STRENGTH.bearer) proof.token = await bearer(context, operation);
  }
  return proof;
}

/**
 * Who calls at an origin that is not shown who calls: nobody, where that is enough.
 *
 * @param {Operation} operation
 * @param {string | null | undefined} chosen
 * @param {string} origin
 * @returns {string[]}
 */
function nobody({ id, security }, chosen, origin) {
  if (chosen === null || (chosen === undefined && (security === undefined || security.some((schemes) => schemes.length === 0)))) return [];
  throw new NotSignedIn(`${id} is at another origin, which is not shown who calls, but for trustedOrigins: ["${origin}"].`);
}

/**
 * @param {Context} context
 * @param {Operation} operation
 * @param {string | null} [chosen]
 * @returns {Promise<string[]>}
 */
async function choose(context, operation, chosen) {
  if (chosen === null || operation.security === undefined) return [];
  const all = chosen === undefined ? operation.security : named(context, operation, chosen);
  await context.tokens.ready();
  const strongest = ordered(context, all);
  let trouble;
  for (const schemes of strongest) {
    try {
      if (await isPossible(context, schemes)) return [...schemes];
    } catch (error) {
      trouble ??= error; // the issuer cannot be asked whether it gives credentials: perhaps there is another way
    }
  }
  throw trouble ?? new NotSignedIn(`${operation.id}: nobody is signed in. ${help(context, all)}`);
}

/**
 * @param {Context} context
 * @param {Operation} operation
 * @param {string} name
 */
function named(context, operation, name) {
  if (!Object.hasOwn(context.api.schemes, name)) throw new BadArgument(`there is no security scheme ${JSON.stringify(name)}`, "auth");
  const found = operation.security?.filter((schemes) => schemes.includes(name)) ?? [];
  return found.length > 0 ? found : [[name]];
}

/** @type {WeakMap<readonly (readonly string[])[], readonly (readonly string[])[]>} */
const sorted = new WeakMap();

/**
 * The strongest first; equals in the document's order.
 *
 * @param {Context} context
 * @param {readonly (readonly string[])[]} all
 */
function ordered(context, all) {
  let found = sorted.get(all);
  if (!found) {
    const strength = (/** @type {readonly string[]} */ schemes) => Math.max(0, ...schemes.map((name) => STRENGTH[schemeOf(context, name).kind]));
    found = [...all].sort((a, b) => strength(b) - strength(a));
    sorted.set(all, found);
  }
  return found;
}

/**
 * @param {Context} context
 * @param {readonly string[]} schemes
 */
async function isPossible(context, schemes) {
  for (const name of schemes) {
    if (!(await has(context, name))) return false;
  }
  return true;
}

/**
 * @param {Context} context
 * @param {string} name
 * @returns {boolean | Promise<boolean>}
 */
function has(context, name) {
  const { kind } = schemeOf(context, name);
  if (kind === "key") return context.keyOf(name) !== undefined;
  if (kind === "basic") return context.basic !== undefined;
  if (kind === "signed") return context.credentials.peek() !== undefined || context.credentials.available(context.signedIn);
  return kind !== "none" && context.signedIn;
}

/**
 * @param {Context} context
 * @param {Operation} operation
 */
async function bearer(context, operation) {
  const token = await context.token();
  if (token === undefined) throw new NotSignedIn(`${operation.id}: nobody is signed in any more. Call login().`);
  return sendable("accessToken", token);
}

/**
 * What would help.
 *
 * @param {Context} context
 * @param {readonly (readonly string[])[]} all
 */
function help(context, all) {
  const kinds = new Set(all.flat().map((name) => schemeOf(context, name).kind));
  const ways = [];
  if (kinds.has("login")) ways.push("call login()");
  if (kinds.has("bearer") || kinds.has("login") || kinds.has("client")) ways.push("give accessToken, or clientId and clientSecret");
  if (kinds.has("signed")) ways.push("give credentials");
  if (kinds.has("key")) ways.push("give apiKey");
  if (kinds.has("basic")) ways.push("give basic");
  return ways.length > 0 ? `What would help: ${ways.join("; ")}.` : "This SDK cannot prove who calls in the way that is asked for.";
}

/**
 * Add to a request what proves who calls.
 *
 * @param {Context} context
 * @param {Operation} operation
 * @param {Proof} proof
 * @param {Outgoing} request
 */
export async function authorize(context, operation, proof, request) {
  for (const name of proof.schemes) {
    const scheme = schemeOf(context, name);
    if (scheme.kind === "key") addKey(request, scheme, context.keyOf(name) ?? "");
    else if (scheme.kind === "basic") request.headers["authorization"] = `Basic ${base64(bytesOf(`${context.basic?.username}:${context.basic?.password}`))}`;
    else if (proof.token !== undefined && scheme.kind !== "signed") request.headers["authorization"] = `Bearer ${proof.token}`;
  }
  if (proof.credentials) await sign(context, operation, proof.credentials, request);
}

/**
 * @param {Outgoing} request
 * @param {Scheme} scheme
 * @param {string} key
 */
function addKey(request, { in: place, name = "" }, key) {
  if (place === "query") request.query += `${request.query && "&"}${percent(name)}=${percent(key)}`;
  else if (place === "cookie") request.headers["cookie"] = [request.headers["cookie"], headerName(name) && `${name}=${percent(key)}`].filter(Boolean).join("; ");
  else request.headers[headerName(name)] = key;
}

/**
 * @param {Context} context
 * @param {Operation} operation
 * @param {Credentials} credentials
 * @param {Outgoing} request
 */
async function sign(context, operation, credentials, request) {
  const { body } = request;
  const isStream = body instanceof ReadableStream;
  if (isStream && !operation.unsignedPayload) {
    throw new BadArgument(`${operation.id}: a stream cannot be signed, since it can be read only once. Give a Blob, such as openAsBlob of node:fs.`, "body");
  }
  // A signature counts once and tells seconds only: without this two equal requests in one second would be one.
  if (!SAFE.has(request.method)) request.headers["x-amz-nonce"] = unique();
  await context.signer.sign({ ...request, body: isStream ? undefined : body, unsignedPayload: isStream }, credentials, context.now());
}

/**
 * @param {Context} context
 * @param {string} name
 * @returns {Scheme}
 */
function schemeOf(context, name) {
  return context.api.schemes[name] ?? { kind: "none" };
}
