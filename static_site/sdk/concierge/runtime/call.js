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

import { readAnswer, readBytes } from "./answer.js";
import { iterate } from "./body.js";
import { internals } from "./client.js";
import { bytesOf } from "./encoding.js";
import { apiError, ApiError, ConnectionFailed, Forbidden, NotSignedIn, SdkError, Unauthorized, UnexpectedAnswer } from "./errors.js";
import { EventStream } from "./events.js";
import { NodeResponse } from "./node-http.js";
import { isNode } from "./platform.js";
import { ApiPromise } from "./promise.js";
import { pause, retriesOf, retryAfter } from "./retry.js";
import { authorize, prove } from "./security.js";
import { positive } from "./sendable.js";
import { Watch } from "./watch.js";

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const SHORTEST_PAUSE = 0.1;
const LONGEST_PAUSE = 60; // seconds before a stream is opened again, whatever the server says
const MOST_REDIRECTS = 5;
const ELSEWHERE = ["accept", "user-agent"]; // headers that another origin is sent
const UNSENT = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|ERR_TLS|CERT/;
const WRONG_CLOCK = /Signature expired|Signature not yet current|RequestTimeTooSkewed/;
const THERE = /\((\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z [+-]/; // what time the server says it is
const ENDED = /security token included in the request (?:is expired|has been revoked|is invalid)|ExpiredToken/;

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
export function call(client, operation, params = {}, options = {}, target) {
  return new ApiPromise(perform(internals(client), operation, /** @type {Record<string, unknown>} */ (params), options, target));
}

/**
 * @param {Context} context
 * @param {Operation} operation
 * @param {Record<string, unknown>} params
 * @param {CallOptions} options
 * @param {URL} [target]
 */
async function perform(context, operation, params, options, target) {
  const template = context.template(operation);
  const common = context.trusts(template.origin) ? context.headers : pick(context.headers, ELSEWHERE);
  const prepared = template.fill(params, options, common);
  if (target) Object.assign(prepared, { path: target.pathname, query: target.search.slice(1) });
  return new Call(context, operation, prepared, options).run();
}

class Call {
  #context;
  #operation;
  #prepared;
  #options;
  #retries;
  #ends;
  #attempts = 0;
  /** @type {Proof | undefined} */
  #proof;
  /** What was mended already: each once. @type {Set<string>} */
  #mended = new Set();

  /**
   * @param {Context} context
   * @param {Operation} operation
   * @param {Prepared} prepared
   * @param {CallOptions} options
   */
  constructor(context, operation, prepared, options) {
    const deadline = options.deadline ?? context.deadline;
    this.#context = context;
    this.#operation = operation;
    this.#prepared = prepared;
    this.#options = options;
    this.#retries = options.retries === undefined ? context.retries : retriesOf(options.retries, context.retries);
    this.#ends = deadline === undefined ? Infinity : context.clock() + positive("deadline", deadline);
  }

  async run() {
    for (let tried = 0; ; ) {
      try {
        return await this.#attempt();
      } catch (error) {
        if (!(error instanceof SdkError) || this.#prepared.body?.once) throw error;
        if (await this.#mend(error)) continue;
        await this.#wait(error, tried);
        tried += 1;
      }
    }
  }

  async #attempt() {
    this.#options.signal?.throwIfAborted();
    this.#attempts += 1;
    const watch = this.#watch();
    try {
      this.#proof = await this.#shared(prove(this.#context, this.#operation, this.#options.auth, this.#prepared.origin), watch);
      const response = await this.#send(watch);
      if (!response.ok) throw await this.#refusal(response, watch);
      const data = await readAnswer(this.#operation, response, watch, this.#context.maxAnswer);
      if (data instanceof EventStream && this.#operation.method === "GET") data.onLost((...lost) => this.#reconnect(...lost));
      return { data, response };
    } catch (error) {
      const reason = watch.reason;
      watch.stop(); // an answer that nobody reads would keep its connection
      if (reason !== undefined && !(error instanceof UnexpectedAnswer)) throw reason;
      throw error instanceof SdkError ? error : this.#lost(error);
    }
  }

  #watch() {
    const { signal, timeout = this.#context.timeout } = this.#options;
    return new Watch(this.#operation.id, { timeout, ends: this.#ends, clock: this.#context.clock, signal });
  }

  /**
   * Wait for what other calls may wait for too, as long as this one has time.
   *
   * @template T
   * @param {Promise<T>} waited
   * @param {Watch} watch
   * @returns {Promise<T>}
   */
  #shared(waited, watch) {
    return this.#options.signal || this.#ends < Infinity ? unless(watch.signal, watch.during(waited)) : waited;
  }

  /** @param {unknown} error */
  #lost(error) {
    const { name, code: own, cause } = /** @type {any} */ (error) ?? {};
    const code = String(own ?? cause?.code ?? "");
    if (!(error instanceof TypeError) && name !== "AbortError" && typeof own !== "string") return error;
    const unsent = UNSENT.test(code) || (globalThis.navigator?.onLine === false);
    return new ConnectionFailed(`${this.#operation.id}: no answer came${code && ` (${code})`}`, { cause: error, unsent });
  }

  /**
   * Send it, and follow where GET and HEAD are sent on to.
   *
   * @param {Watch} watch
   */
  async #send(watch) {
    const { origin, host, path, query, headers, body } = this.#prepared;
    /** @type {Outgoing} */
    let request = { method: this.#operation.method, origin, host, path, query, headers: { ...headers }, body: body?.body };
    for (let redirects = 0; ; redirects += 1) {
      if (request.origin === origin) await authorize(this.#context, this.#operation, /** @type {Proof} */ (this.#proof), request);
      const response = await this.#exchange(request, watch);
      const next = this.#next(request, response);
      if (!next) return response;
      if (redirects === MOST_REDIRECTS) throw new UnexpectedAnswer(`${this.#operation.id}: more than ${MOST_REDIRECTS} redirects`, { status: response.status });
      await response.body?.cancel();
      request = next;
    }
  }

  /**
   * @param {Outgoing} request
   * @param {Watch} watch
   * @returns {Promise<Answer>}
   */
  async #exchange(request, watch) {
    const { method, headers, body } = request;
    const url = `${request.origin}${request.path}${request.query && `?${request.query}`}`;
    const isOpen = this.#proof?.schemes.length === 0 && (method === "GET" || method === "HEAD");
    /** @type {RequestInit & { duplex?: "half" }} */
    const init = { method, headers, redirect: isOpen && !isNode ? "follow" : "manual" };
    const isStream = body instanceof ReadableStream;
    if (body !== undefined) init.body = /** @type {BodyInit} */ (isStream && !this.#context.send ? timed(body, watch) : body);
    if (isStream) init.duplex = "half";
    const begin = performance.now();
    const { hooks } = this.#context;
    if (hooks.beforeRequest) hooks.beforeRequest(this.#notice(url, method, headers));
    if (isStream) watch.hold();
    else watch.begin();
    const response = await (this.#context.send ? this.#context.send(url, { method, headers, body }, watch) : this.#context.fetch(url, { ...init, signal: watch.signal }));
    watch.begin();
    if (hooks.afterResponse) {
      const responseHeaders = this.#context.redactor.headers(response.headers);
      hooks.afterResponse({ ...this.#notice(url, method, headers), status: response.status, responseHeaders, duration: (performance.now() - begin) / 1000 });
    }
    if (response.type === "opaqueredirect") throw new UnexpectedAnswer(`${this.#operation.id}: the server redirects, and pages cannot follow with credentials`);
    return response;
  }

  /**
   * @param {string} url
   * @param {string} method
   * @param {Record<string, string>} headers
   */
  #notice(url, method, headers) {
    const { redactor } = this.#context;
    return { operation: this.#operation.id, method, url: redactor.url(url), headers: redactor.headers(Object.entries(headers)), attempt: this.#attempts };
  }

  /**
   * The request that a redirect asks for; what proves who calls goes to the same origin only.
   *
   * @param {Outgoing} request
   * @param {Answer} response
   * @returns {Outgoing | undefined}
   */
  #next(request, response) {
    const location = response.headers.get("location");
    if (!REDIRECTS.has(response.status) || location === null || (request.method !== "GET" && request.method !== "HEAD")) return undefined;
    const here = `${request.origin}${request.path}`;
    const url = URL.canParse(location, here) ? new URL(location, here) : undefined;
    const isSafe = url && (url.protocol === "https:" || (url.protocol === "http:" && request.origin.startsWith("http:")));
    if (!url || !isSafe || url.username !== "" || url.password !== "") throw new UnexpectedAnswer(`${this.#operation.id}: a redirect that is not safe to follow`, { status: response.status });
    const { origin, headers } = this.#prepared;
    const kept = url.origin === origin ? headers : pick(headers, ELSEWHERE);
    return { ...request, origin: url.origin, host: url.host, path: url.pathname, query: url.search.slice(1), headers: { ...kept }, body: undefined };
  }

  /**
   * @param {Answer} response
   * @param {Watch} watch
   */
  async #refusal(response, watch) {
    const bytes = await readBytes(this.#operation, response, watch, this.#context.maxAnswer);
    watch.end();
    const text = new TextDecoder().decode(bytes);
    const headers = response instanceof NodeResponse ? response.headers.toHeaders() : response.headers;
    return apiError(this.#operation.id, { status: response.status, headers }, text, retryAfter(headers, this.#context.clock()));
  }

  /**
   * Mend what can be: a token or credentials that have ended, a clock that is wrong. Each once.
   *
   * @param {SdkError} error
   * @returns {Promise<boolean>} whether it is worth another attempt
   */
  async #mend(error) {
    const { token, credentials } = this.#proof ?? {};
    if (error instanceof Unauthorized && token !== undefined && this.#context.canRenew) {
      return this.#once("token", () => this.#renewToken(token, error));
    }
    if (!(error instanceof Forbidden) || !credentials) return false;
    const said = `${error.problem.detail ?? ""} ${error.headers.get("x-amzn-errortype") ?? ""}`;
    if (WRONG_CLOCK.test(said)) return this.#once("clock", async () => this.#setClock(error));
    if (!ENDED.test(said) || !this.#context.credentials.renewable) return false;
    return this.#once("credentials", async () => {
      this.#context.credentials.forget(credentials);
      return true;
    });
  }

  /**
   * @param {string} refused
   * @param {Unauthorized} cause
   */
  async #renewToken(refused, cause) {
    const watch = this.#watch();
    const token = await this.#shared(this.#context.tokens.token(refused), watch).finally(() => watch.end());
    if (token === undefined && !this.#context.signedIn) throw new NotSignedIn(`${this.#operation.id}: nobody is signed in any more. Call login().`, { cause });
    return token !== undefined;
  }

  /**
   * @param {string} what
   * @param {() => Promise<boolean>} mend
   */
  async #once(what, mend) {
    if (this.#mended.has(what)) return false;
    this.#mended.add(what);
    return mend();
  }

  /** @param {ApiError} error */
  #setClock(error) {
    const [, ...parts] = THERE.exec(String(error.problem.detail)) ?? [];
    const [year = 0, month = 1, day, hour, minute, second] = parts.map(Number);
    const there = parts.length > 0 ? Date.UTC(year, month - 1, day, hour, minute, second) : Date.parse(error.headers.get("date") ?? "");
    if (Number.isNaN(there)) return false;
    this.#context.offset = there / 1000 - this.#context.clock();
    return true;
  }

  /**
   * Wait until the next attempt; throws the error where there is none.
   *
   * @param {SdkError} error
   * @param {number} tried
   */
  async #wait(error, tried) {
    const { method, id } = this.#operation;
    const delay = pause(error, { method, idempotent: this.#prepared.idempotent, attempt: tried, retries: this.#retries, random: this.#context.random });
    if (delay === undefined || this.#context.clock() + delay >= this.#ends) throw error;
    const url = this.#context.redactor.url(`${this.#prepared.origin}${this.#prepared.path}${this.#prepared.query && `?${this.#prepared.query}`}`);
    const status = error instanceof ApiError ? { status: error.status } : {};
    this.#context.hooks.onRetry?.({ operation: id, method, url, attempt: this.#attempts, delay, error, ...status });
    await this.#context.sleep(delay, this.#options.signal);
  }

  /**
   * The stream of events from where it was lost; undefined: the server has no more.
   *
   * @param {string} lastEventId
   * @param {number | undefined} seconds that the server asks for
   * @param {number} inVain connections since the last event
   */
  async #reconnect(lastEventId, seconds = 1, inVain) {
    const utf8 = Array.from(bytesOf(lastEventId), (one) => String.fromCharCode(one)).join(""); // as the standard has it
    const headers = { ...this.#prepared.headers, "last-event-id": utf8 };
    const patience = inVain === 0 ? SHORTEST_PAUSE : 2 ** (inVain - 1);
    const again = new Call(this.#context, this.#operation, { ...this.#prepared, headers }, this.#options);
    await this.#context.sleep(Math.min(Math.max(seconds, patience), LONGEST_PAUSE), this.#options.signal);
    const { data } = await again.run();
    return data instanceof EventStream ? data.connection : undefined;
  }
}

/**
 * @param {Record<string, string>} headers
 * @param {string[]} names
 */
function pick(headers, names) {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => names.includes(name)));
}

/**
 * A body whose sending is timed, but not the wait for the caller's next piece.
 *
 * @param {ReadableStream<Uint8Array>} body
 * @param {Watch} watch
 */
function timed(body, watch) {
  const pieces = iterate(body);
  return new ReadableStream(
    {
      async pull(controller) {
        watch.rest();
        const { done, value } = await pieces.next();
        watch.begin();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await pieces.return?.(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}

/**
 * Wait for something, unless a signal comes before.
 *
 * @template T
 * @param {AbortSignal} signal
 * @param {Promise<T>} shared
 * @returns {Promise<T>}
 */
async function unless(signal, shared) {
  /** @type {() => void} */
  let stop = () => {};
  const aborted = new Promise((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
  });
  try {
    return await Promise.race([shared, /** @type {Promise<never>} */ (aborted)]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
