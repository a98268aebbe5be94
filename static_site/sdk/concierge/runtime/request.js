/**
 * Arguments become a request.
 *
 * @import { CallOptions, Operation, Parameter } from "./types.js"
 * @import { Written } from "./body.js"
 */

import { writeBody } from "./body.js";
import { percent, unique } from "./encoding.js";
import { BadArgument, SdkError } from "./errors.js";
import { isPage } from "./platform.js";
import { headerName, sendable } from "./sendable.js";
import { cookiePairs, headerText, pathText, queryPairs } from "./style.js";

const ALONE = /(?:^|\/)(?:\.|%2e){1,2}(?=\/|$)/i; // a segment that makes the path another one
const CHANGED = /[^!-~]|["#<>]/gu; // what no query string holds: sent otherwise than it was signed, or not at all
const KEPT = /[^A-Za-z0-9/%:@!$&'()*+,;=~._-]/gu;

/**
 * A request, but for whoever calls.
 *
 * @typedef {object} Prepared
 * @property {string} origin
 * @property {string} host
 * @property {string} path
 * @property {string} query
 * @property {Record<string, string>} headers by lower-case names
 * @property {Written | undefined} body
 * @property {boolean} idempotent whether doing it twice is doing it once, because it is named
 */

/** How the requests of one operation are made; compiled when it is called first. */
export class Template {
  #operation;
  #origin;
  #host;
  /** @type {(string | Parameter)[]} texts, and what comes between */
  #path;
  /** @type {Map<string, Parameter>} */
  #parameters;
  #spread;

  /**
   * @param {Operation} operation
   * @param {{ origin: string, host: string, path: string }} base
   */
  constructor(operation, base) {
    this.#operation = operation;
    this.#origin = base.origin;
    this.#host = base.host;
    this.#parameters = new Map((operation.parameters ?? []).map((one) => [one.argument, one]));
    this.#spread = new Map(Object.entries(operation.body?.spread ?? {}));
    this.#path = this.#pieces(base.path + operation.path);
  }

  /** Where its requests go. */
  get origin() {
    return this.#origin;
  }

  /** @param {string} path */
  #pieces(path) {
    const named = new Map([...this.#parameters.values()].filter((one) => one.in === "path").map((one) => [one.name, one]));
    return path.split(/\{([^{}]*)\}/).map((piece, index) => (index % 2 === 1 ? (named.get(piece) ?? literal(`{${piece}}`)) : literal(piece)));
  }

  /**
   * Make a request. Throws BadArgument, which names the argument.
   *
   * @param {Readonly<Record<string, unknown>>} given
   * @param {CallOptions} options
   * @param {Readonly<Record<string, string>>} common headers
   * @returns {Prepared}
   */
  fill(given, options, common) {
    /** @type {Readonly<Record<string, unknown>>} */
    const params = Object.assign(Object.create(null), given); // what objects inherit, such as valueOf, is no argument
    this.#check(params);
    /** @type {Record<string, string>} */
    const headers = { ...common };
    if (this.#operation.accept !== undefined) headers["accept"] = this.#operation.accept;
    const query = this.#add(params, headers);
    const body = this.#body(params, options.contentType);
    if (body) headers["content-type"] = body.type;
    const idempotent = this.#name(headers, options.idempotencyKey);
    for (const [name, value] of Object.entries(options.headers ?? {})) headers[headerName(name)] = sendable(name, value);
    return { origin: this.#origin, host: this.#host, path: this.#pathOf(params), query, headers, body, idempotent };
  }

  /** @param {Readonly<Record<string, unknown>>} params */
  #check(params) {
    for (const name of Object.keys(params)) {
      const isKnown = this.#parameters.has(name) || this.#spread.has(name) || (name === "body" && this.#operation.body);
      if (!isKnown && params[name] !== undefined) throw this.#wrong(`there is no argument ${JSON.stringify(name)}`, name);
    }
    for (const [name, { required, constant }] of this.#parameters) {
      if (required && constant === undefined && params[name] === undefined) throw this.#wrong(`the argument ${name} is missing`, name);
    }
  }

  /**
   * Add headers and cookies. Gives the query string.
   *
   * @param {Readonly<Record<string, unknown>>} params
   * @param {Record<string, string>} headers
   */
  #add(params, headers) {
    /** @type {string[]} */
    const query = [];
    /** @type {string[]} */
    const cookies = [];
    for (const [name, parameter] of this.#parameters) {
      const value = params[name] ?? (params[name] === undefined && parameter.required ? parameter.constant : params[name]);
      if (value === undefined || parameter.in === "path") continue;
      this.#about(name, () => {
        if (parameter.in === "query") query.push(...queryPairs(parameter, value));
        else if (parameter.in === "querystring") query.push(wholeQuery(parameter, value));
        else if (parameter.in === "header") headers[headerName(parameter.name)] = sendable(name, headerText(parameter, value));
        else cookies.push(...cookiePairs(parameter, value).map((pair) => sendable(name, pair)));
      });
    }
    if (cookies.length > 0) {
      if (isPage) throw this.#wrong("browsers let no page set cookies of a request", "cookie");
      headers["cookie"] = cookies.join("; ");
    }
    return query.filter(Boolean).join("&");
  }

  /** @param {Readonly<Record<string, unknown>>} params */
  #pathOf(params) {
    let path = "";
    for (const piece of this.#path) path += typeof piece === "string" ? piece : this.#segment(piece, params[piece.argument] ?? piece.constant);
    if (ALONE.test(path)) throw this.#wrong("an argument makes the path another one", "path");
    return path || "/";
  }

  /**
   * @param {Parameter} parameter
   * @param {unknown} value
   */
  #segment(parameter, value) {
    const text = this.#about(parameter.argument, () => pathText(parameter, value));
    if (text === "" || value === "" || value === "." || value === "..") throw this.#wrong(`${parameter.argument} is ${JSON.stringify(value)}: that would be another path`, parameter.argument);
    return text;
  }

  /**
   * @param {Readonly<Record<string, unknown>>} params
   * @param {string} [contentType]
   * @returns {Written | undefined}
   */
  #body(params, contentType) {
    const { body } = this.#operation;
    const value = this.#value(params);
    if (!body || value === undefined) return undefined;
    if (this.#operation.method === "GET" || this.#operation.method === "HEAD") throw this.#wrong(`fetch sends no body with ${this.#operation.method}`, "body");
    const content = contentType === undefined ? body.contents[0] : body.contents.find((one) => one.type === contentType);
    if (!content) throw this.#wrong(`the body is not sent as ${JSON.stringify(contentType)}, but as ${body.contents.map((one) => one.type).join(" or ")}`, "contentType");
    return this.#about("body", () => writeBody(content, value));
  }

  /**
   * The body: given as a whole, or by its properties.
   *
   * @param {Readonly<Record<string, unknown>>} params
   */
  #value(params) {
    const given = [...this.#spread.keys()].filter((name) => params[name] !== undefined);
    if (params["body"] !== undefined) {
      if (given.length > 0) throw this.#wrong(`body and ${given.join(", ")} are given: one says it all`, "body");
      return params["body"];
    }
    const { body } = this.#operation;
    if (!body || (given.length === 0 && (!body.required || this.#spread.size === 0))) {
      if (body?.required) throw this.#wrong("the argument body is missing", "body");
      return undefined;
    }
    for (const [name, required] of this.#spread) {
      if (required && params[name] === undefined) throw this.#wrong(`the argument ${name} is missing`, name);
    }
    return Object.fromEntries(given.map((name) => [name, params[name]]));
  }

  /**
   * Name what is asked for, where that is asked for. Gives whether it is named.
   *
   * @param {Record<string, string>} headers
   * @param {string} [key]
   */
  #name(headers, key) {
    const header = (this.#operation.idempotencyHeader ?? "idempotency-key").toLowerCase();
    if (key !== undefined) headers[header] = sendable("idempotencyKey", key);
    else if (this.#operation.idempotencyHeader !== undefined) headers[header] ??= unique();
    return headers[header] !== undefined;
  }

  /**
   * Run something that an argument may make impossible.
   *
   * @template T
   * @param {string} name
   * @param {() => T} run
   * @returns {T}
   */
  #about(name, run) {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof SdkError)) throw error;
      throw this.#wrong(`${name}: ${error.message}`, name);
    }
  }

  /**
   * @param {string} text
   * @param {string} argument
   */
  #wrong(text, argument) {
    return new BadArgument(`${this.#operation.id}: ${text}`, argument);
  }
}

/**
 * A part of the document's path, encoded as it will be sent.
 *
 * @param {string} text
 */
function literal(text) {
  return text.replace(/\p{Surrogate}/gu, "\ufffd").replace(KEPT, encodeURIComponent);
}

/**
 * The whole query string (OpenAPI 3.2, `in: querystring`).
 *
 * @param {Parameter} parameter
 * @param {unknown} value
 */
function wholeQuery(parameter, value) {
  if (typeof value === "string") return value.replace(/^\?/, "").replace(CHANGED, percent);
  const pair = queryPairs({ ...parameter, name: "" }, value).join("&");
  return parameter.json ? pair.slice(1) : pair;
}
