/**
 * Signing in from a program in Node: through the browser and back to a port of this machine (RFC 8252), or with a code
 * that is typed in somewhere else (RFC 8628).
 *
 * @import { Context } from "./context.js"
 * @import { Attempt } from "./authorization.js"
 * @import { Issuer } from "./issuer.js"
 * @import { Flow } from "./session.js"
 * @import { LoginOptions } from "./types.js"
 */

import { begin, finish } from "./authorization.js";
import { ApiError, ConnectionFailed, harmless, SignInFailed } from "./errors.js";
import { environment, load, system, tell } from "./platform.js";

const LONGEST = 300; // seconds that a person may take
const PACE = 5; // seconds between two questions for a device's token, where the issuer does not say (RFC 8628 section 3.2)
const GRANT = "urn:ietf:params:oauth:grant-type:device_code";
const HEADERS = { "content-type": "text/html; charset=utf-8", "cache-control": "no-store", connection: "close", "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'" };

/** @implements {Flow} */
export class TerminalLogin {
  #context;

  /** @param {Context} context */
  constructor(context) {
    if (!context.issuer) throw new SignInFailed("The document names no way for people to sign in.");
    this.#context = context;
  }

  get #issuer() {
    return /** @type {Issuer} */ (this.#context.issuer);
  }

  /** Take up the tokens of an earlier sign-in. */
  async resume() {
    await this.#context.tokens.ready();
    return undefined;
  }

  /** @param {LoginOptions} options */
  async login({ device, open, show = tell, scopes = this.#context.scopes, signal, timeout = LONGEST }) {
    const ends = AbortSignal.timeout(timeout * 1000);
    const both = signal ? AbortSignal.any([ends, signal]) : ends;
    const byCode = device ?? (open === undefined && !hasBrowser() && (await this.#issuer.metadata()).device_authorization_endpoint !== undefined);
    try {
      const tokens = await (byCode ? this.#byCode(scopes, show, both) : this.#byBrowser(scopes, open ?? opener(show), show, both));
      await this.#context.tokens.accept(tokens);
    } catch (error) {
      signal?.throwIfAborted();
      if (ends.aborted) throw new SignInFailed("Nobody signed in in time.", { cause: error });
      throw error;
    }
  }

  async logout() {
    const { refreshToken } = this.#context.tokens.held ?? {};
    await this.#context.tokens.forget();
    const { revocation_endpoint: endpoint } = await this.#issuer.metadata();
    if (refreshToken !== undefined && endpoint !== undefined) await this.#issuer.post("revocation_endpoint", { token: refreshToken });
  }

  /**
   * @param {readonly string[]} scopes
   * @param {(url: string) => void | Promise<void>} open
   * @param {(text: string) => void} show
   * @param {AbortSignal} signal
   */
  async #byBrowser(scopes, open, show, signal) {
    const { createServer } = await load("node:http");
    const server = createServer();
    await new Promise((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
    try {
      const redirectUri = `http://127.0.0.1:${server.address().port}/callback`;
      const { attempt, address } = await begin(this.#issuer, { redirectUri, scopes });
      signal.throwIfAborted();
      const answer = answerOf(server, attempt, signal);
      answer.catch(() => {}); // told below
      show(`Sign in with your browser: ${address}`);
      await Promise.race([open(address), answer]); // a browser that opens slowly keeps nobody waiting
      const { query, reply } = await answer;
      return await this.#finish(attempt, query, reply, signal);
    } finally {
      server.close();
      server.closeAllConnections?.();
    }
  }

  /**
   * @param {Attempt} attempt
   * @param {URLSearchParams} query
   * @param {(done: boolean) => Promise<void>} reply
   * @param {AbortSignal} signal
   */
  async #finish(attempt, query, reply, signal) {
    try {
      const tokens = await finish(this.#issuer, attempt, query, { now: this.#context.now(), signal });
      await reply(true);
      return tokens;
    } catch (error) {
      await reply(false);
      throw error;
    }
  }

  /**
   * @param {readonly string[]} scopes
   * @param {(text: string) => void} show
   * @param {AbortSignal} signal
   */
  async #byCode(scopes, show, signal) {
    const asked = /** @type {Record<string, any>} */ (await this.#issuer.post("device_authorization_endpoint", { scope: scopes.join(" ") }, signal));
    show(harmless(`Sign in at ${asked["verification_uri"]} with the code ${asked["user_code"]}`));
    let interval = paceOf(asked["interval"]); // seconds
    for (;;) {
      await this.#context.sleep(Math.min(interval, LONGEST), signal);
      try {
        return await this.#issuer.tokens({ grant_type: GRANT, device_code: asked["device_code"] }, signal);
      } catch (error) {
        const said = error instanceof SignInFailed ? error.error : "";
        if (said === "slow_down") interval += 5;
        else if (isPassing(error)) interval *= 2; // RFC 8628 section 3.5
        else if (said !== "authorization_pending") throw error;
      }
    }
  }
}

/**
 * Seconds between two questions.
 *
 * @param {unknown} said by the issuer
 */
function paceOf(said) {
  return typeof said === "number" && said >= 0 ? Math.max(1, said) : PACE;
}

/**
 * Whether it may be better the next time.
 *
 * @param {unknown} error
 */
function isPassing(error) {
  return error instanceof ConnectionFailed || (error instanceof ApiError && (error.status >= 500 || error.status === 429 || error.status === 408));
}

/**
 * The one answer that has the state of this attempt.
 *
 * @param {any} server
 * @param {Attempt} attempt
 * @param {AbortSignal} signal
 * @returns {Promise<{ query: URLSearchParams, reply: (done: boolean) => Promise<void> }>}
 */
function answerOf(server, attempt, signal) {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    server.on("request", (/** @type {any} */ request, /** @type {any} */ response) => {
      const query = queryOf(request);
      const closed = new Promise((resolve) => response.once("close", resolve)); // said, or nobody listens any more
      const say = async (/** @type {number} */ status, /** @type {string} */ text) => {
        response.on("error", () => {}).writeHead(status, HEADERS).end(page(text));
        await closed;
      };
      if (query?.get("state") !== attempt.state) return say(404, "There is nothing here.");
      const reply = (/** @type {boolean} */ done) => say(200, done ? "You are signed in. You can close this page." : "Signing in did not work. The program tells you why.");
      resolve({ query, reply });
    });
  });
}

/**
 * What a browser that comes back brings; undefined for any other request.
 *
 * @param {any} request
 * @returns {URLSearchParams | undefined}
 */
function queryOf({ method, url }) {
  if (method !== "GET" || !url.startsWith("/callback?")) return undefined;
  return new URLSearchParams(url.slice("/callback".length));
}

/** @param {string} text ours */
function page(text) {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Sign in</title><body style="font: 1.2rem system-ui; margin: 15vh auto; width: 22rem">${text}`;
}

/** Whether a browser can be opened for whoever sits here. */
function hasBrowser() {
  if (environment["BROWSER"]) return true;
  if (environment["SSH_CONNECTION"]) return false;
  return system === "darwin" || system === "win32" || Boolean(environment["DISPLAY"] || environment["WAYLAND_DISPLAY"]);
}

/**
 * @param {(text: string) => void} show
 * @returns {(url: string) => Promise<void>}
 */
function opener(show) {
  return async (url) => {
    if (!hasBrowser()) return;
    const { spawn } = await load("node:child_process");
    const [command, ...parameters] = environment["BROWSER"]
      ? [environment["BROWSER"]]
      : system === "darwin" ? ["open"] : system === "win32" ? ["rundll32", "url.dll,FileProtocolHandler"] : ["xdg-open"];
    const child = spawn(command, [...parameters, url], { stdio: "ignore", detached: true });
    child.on("error", () => show("The browser could not be opened: open the address yourself."));
    child.unref();
  };
}
