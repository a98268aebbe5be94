// Signing in with the project's user pool: OpenID Connect, authorization code with PKCE (RFC 9700 section 2.1.1).
// The access token is in memory only; the refresh token is in sessionStorage, and ends with the tab.

const POOL = "/auth/main";
const CLIENT = "chat";
const SCOPES = "openid profile email concierge/chat concierge/orders";
const TIMEOUT = 20_000; // milliseconds
const EARLY = 30_000; // milliseconds before it expires that a token is renewed
const TOKENS = "sign-in"; // in sessionStorage: {refreshToken, idToken, tab}
const ATTEMPT = "sign-in-attempt"; // in sessionStorage, while the visitor is at the sign-in page
const HINT = "signed-in"; // in localStorage: some tab of this browser was signed in. Not a secret

/** The pool refuses, or what came back is not what was asked for. */
export class SignInError extends Error {
  name = "SignInError";
}

/** Who is signed in. Events: "change" when somebody has signed in or out. */
export class SignIn extends EventTarget {
  user; // {subject, name, email} or undefined
  started = false; // whether it is known who is signed in
  fault = ""; // why the last attempt came to nothing, for the visitor
  #access; // {token, expires}: milliseconds since the epoch
  #renewal; // the promise of the one that is under way
  #others = new BroadcastChannel("sign-in");

  constructor() {
    super();
    this.#others.onmessage = () => this.#forget(); // signed out in another tab
  }

  /** Find out who is signed in: by what the sign-in page sent back, by what this tab holds, or by asking the pool. */
  async start() {
    try {
      await this.#find();
    } catch (error) {
      this.fault = told(error);
    }
    this.#changed();
  }

  async #find() {
    const asked = new URLSearchParams(location.search);
    if (asked.has("sign-in") || asked.has("sign-up")) {
      history.replaceState(null, "", location.pathname + location.hash); // came over from another name of this host
      return this.signIn({ create: asked.has("sign-up") });
    }
    if (asked.has("state") && (await this.#finish(asked))) return;
    if (await this.#hold(read(TOKENS))) this.token().catch(() => {}); // without a connection it is tried again later
    else if (localStorage.getItem(HINT)) await this.signIn({ silent: true });
  }

  /** Leave for the sign-in page; the visitor comes back to where they are now. `silent`: come back at once, either way. */
  async signIn({ create = false, silent = false } = {}) {
    const { issuer, authorization_endpoint: endpoint } = await discover();
    const origin = new URL(issuer).origin;
    if (origin !== location.origin) {
      return leave(`${origin}${location.pathname}?${create ? "sign-up" : "sign-in"}${location.hash}`);
    }
    const attempt = { state: random(), nonce: random(), verifier: random(), silent, back: location.pathname + location.search + location.hash };
    sessionStorage.setItem(ATTEMPT, JSON.stringify(attempt));
    const query = new URLSearchParams({
      response_type: "code",
      client_id: CLIENT,
      redirect_uri: `${origin}/`,
      scope: SCOPES,
      state: attempt.state,
      nonce: attempt.nonce,
      code_challenge: await challenge(attempt.verifier),
      code_challenge_method: "S256",
      ...(create && { prompt: "create" }),
      ...(silent && { prompt: "none" }),
    });
    return leave(`${endpoint}?${query}`, { replace: silent });
  }

  /** Sign out, in every tab and at the pool. */
  async signOut() {
    const { end_session_endpoint: endpoint, issuer } = await discover();
    const hint = read(TOKENS)?.idToken;
    this.#others.postMessage("signed out");
    this.#forget();
    const back = `${new URL(issuer).origin}/`;
    return leave(`${endpoint}?${new URLSearchParams({ client_id: CLIENT, post_logout_redirect_uri: back, ...(hint && { id_token_hint: hint }) })}`);
  }

  /**
   * A token for the API; undefined when nobody is signed in.
   * `instead`: a token that the API has refused, so that another one is needed.
   * Raises TypeError when there is no connection.
   */
  async token({ instead } = {}) {
    const good = this.#access && this.#access.token !== instead && this.#access.expires - EARLY > Date.now();
    if (!good && this.user) await (this.#renewal ??= this.#renew().finally(() => (this.#renewal = undefined)));
    return this.#access?.token;
  }

  async #renew() {
    const { refreshToken } = read(TOKENS) ?? {};
    if (!refreshToken) return this.#forget();
    try {
      this.#accept(await redeem({ grant_type: "refresh_token", refresh_token: refreshToken }));
    } catch (error) {
      if (!(error instanceof SignInError)) throw error;
      this.#forget();
    }
  }

  /** What the sign-in page sent back. Gives whether it is one: a link that somebody else made answers nothing. */
  async #finish(answer) {
    const attempt = read(ATTEMPT);
    const ours = Boolean(attempt) && attempt.state === answer.get("state");
    history.replaceState(null, "", ours ? attempt.back : location.pathname);
    if (!ours) return false;
    sessionStorage.removeItem(ATTEMPT);
    try {
      const { issuer } = await discover();
      if (answer.get("iss") !== issuer) throw new SignInError("Somebody else has answered."); // RFC 9207
      if (answer.has("error")) throw new SignInError(answer.get("error") === "access_denied" ? "" : "Signing in did not work. Please try again.");
      const { verifier, nonce } = attempt;
      const tokens = await redeem({ grant_type: "authorization_code", code: answer.get("code"), redirect_uri: `${location.origin}/`, code_verifier: verifier });
      check(payload(tokens.id_token), { issuer, nonce });
      await this.#hold({ tab: random() });
      this.#accept(tokens);
    } catch (error) {
      this.fault = attempt.silent ? "" : told(error);
      this.#forget();
    }
    return true;
  }

  #accept({ access_token: token, expires_in: seconds, refresh_token: refreshToken, id_token: idToken }) {
    const before = read(TOKENS) ?? {};
    this.#access = { token, expires: Date.now() + seconds * 1_000 };
    write(TOKENS, { ...before, refreshToken: refreshToken ?? before.refreshToken, idToken: idToken ?? before.idToken });
    localStorage.setItem(HINT, "yes");
    this.#know(idToken ?? before.idToken);
  }

  /** Take up what this tab holds. A tab that was duplicated holds the same: only the first may use it (RFC 9700, 4.14). */
  async #hold(tokens) {
    if (!tokens?.tab) return false;
    const alone = await new Promise((decide) => {
      navigator.locks.request(`sign-in-${tokens.tab}`, { ifAvailable: true }, (lock) => {
        decide(lock !== null);
        return lock && new Promise(() => {}); // as long as the page lives
      });
    });
    if (!alone) sessionStorage.removeItem(TOKENS);
    else write(TOKENS, tokens);
    if (alone && tokens.idToken) this.#know(tokens.idToken);
    return alone;
  }

  #know(idToken) {
    const claims = payload(idToken);
    const name = claims.nickname || claims.name || claims["cognito:username"] || claims.email || "you";
    const known = this.user?.subject === claims.sub && this.user.name === name;
    this.user = { subject: claims.sub, name, email: claims.email ?? "" };
    this.fault = "";
    if (!known && this.started) this.#changed();
  }

  #forget() {
    this.#access = this.user = undefined;
    sessionStorage.removeItem(TOKENS);
    localStorage.removeItem(HINT);
    this.#changed();
  }

  #changed() {
    this.started = true;
    this.dispatchEvent(new Event("change"));
  }
}

/** What went wrong, for the visitor. */
export function told(error) {
  return error instanceof SignInError ? error.message : "The shop cannot be reached. Please try again.";
}

/** The one of this page. */
export const signIn = new SignIn();

let discovery;

/** The pool's addresses (OpenID Connect Discovery), from this very host; asked for once. */
async function discover() {
  discovery ??= fetch(`${POOL}/.well-known/openid-configuration`, { signal: AbortSignal.timeout(TIMEOUT) }).then((response) => response.json());
  try {
    const found = await discovery;
    if (new URL(found.issuer).pathname !== POOL) throw new SignInError("This is another pool.");
    return found;
  } catch (error) {
    discovery = undefined;
    throw error;
  }
}

/** Tokens for a code or a refresh token. Raises SignInError when they are refused, TypeError without a connection. */
async function redeem(form) {
  const { token_endpoint: endpoint } = await discover();
  const body = new URLSearchParams({ client_id: CLIENT, ...form });
  const response = await fetch(endpoint, { method: "POST", body, signal: AbortSignal.timeout(TIMEOUT) });
  if (response.status >= 500 || response.status === 429) throw new TypeError(`the pool answered ${response.status}`);
  const said = await response.json();
  if (!response.ok) throw new SignInError("Signing in did not work. Please try again.");
  return said;
}

/** Whether an ID token is the answer to this attempt (OpenID Connect Core, 3.1.3.7; it came from the pool itself). */
function check(claims, { issuer, nonce }) {
  const fits = claims.iss === issuer && [claims.aud].flat().includes(CLIENT) && claims.nonce === nonce && claims.exp * 1_000 > Date.now();
  if (!fits) throw new SignInError("The answer to signing in does not fit. Please try again.");
}

function payload(token) {
  const bytes = Uint8Array.from(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}

async function challenge(verifier) {
  if (!crypto.subtle) throw new SignInError("Signing in needs https.");
  return base64url(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier)));
}

function random() {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

function base64url(bytes) {
  return btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Go to an address. What comes after is never reached: the page is left. */
function leave(address, { replace = false } = {}) {
  if (replace) location.replace(address);
  else location.assign(address);
  return new Promise(() => {});
}

function read(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key)) ?? undefined;
  } catch {
    return undefined;
  }
}

function write(key, value) {
  sessionStorage.setItem(key, JSON.stringify(value));
}
