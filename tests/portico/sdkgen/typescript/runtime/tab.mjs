// A tab of a browser, as small as tests of signing in need it. To be loaded before the runtime: that looks where it is.

import { issuer, idToken } from "./issuer.mjs";
import { API } from "./server.mjs";

export const HOME = "https://app.example";

class Storage {
  #held = new Map();
  getItem(key) {
    return this.#held.get(key) ?? null;
  }
  setItem(key, value) {
    this.#held.set(key, String(value));
  }
  removeItem(key) {
    this.#held.delete(key);
  }
}

/** Where the tab is; `left` is told the address that a page leaves for. */
const tab = { url: new URL(HOME), left: () => {}, locks: new Set(), lock: undefined };

const location = {};
for (const name of ["origin", "pathname", "search", "hash", "href", "port", "hostname"]) Object.defineProperty(location, name, { get: () => tab.url[name] });
location.assign = location.replace = (address) => tab.left(new URL(address, tab.url));

function replaceState(_state, _title, address) {
  const url = new URL(address, tab.url);
  if (url.origin !== tab.url.origin) throw new DOMException("another origin", "SecurityError");
  tab.url = url;
}

async function request(name, _options, take) {
  if (tab.lock) return tab.lock();
  if (tab.locks.has(name)) return take(null);
  tab.locks.add(name);
  return take({});
}

globalThis.document = {};
globalThis.location = location;
globalThis.history = { replaceState };
globalThis.BroadcastChannel = class {
  postMessage() {}
};
Object.defineProperty(globalThis, "navigator", { configurable: true, value: { locks: { request } } });

const { Client } = await import("../runtime/client.js");

/** A new tab at an address, with an issuer where somebody is signed in already. `tokens` are what it answers, but for the ID token. */
export async function open(address, { tokens = {}, base = HOME, metadata = {}, options = {}, lock } = {}) {
  let nonce;
  const answer = () => ({ body: { access_token: "a", expires_in: 600, id_token: idToken({ iss: pool.metadata.issuer, aud: "sdk", nonce, sub: "ada", exp: 9e9 }), ...tokens } });
  const pool = await issuer({ "/token": answer, "/revoke": () => ({}) }, { authorization_response_iss_parameter_supported: false, ...metadata });
  const discovery = `${options.fetch ? metadata.issuer : pool.metadata.issuer}/.well-known/openid-configuration`;
  const api = { ...API, schemes: { ...API.schemes, signIn: { ...API.schemes.signIn, discovery } } };
  globalThis.sessionStorage = new Storage();
  globalThis.localStorage = new Storage();
  Object.assign(tab, { url: new URL(address), lock });
  const visited = [];

  /** One page: does `act` and is either left for another address, or stays. */
  const page = (act) =>
    new Promise((resolve) => {
      tab.locks.clear();
      tab.left = (url) => resolve({ next: url });
      const client = new Client(api, base, options);
      act(client).then(() => resolve({ client }), (fault) => resolve({ client, fault }));
    });

  /** Follow where pages lead, from `act` on this one, until one stays, or leads off to another host. */
  const surf = async (act = (client) => client.resume()) => {
    for (let count = 0; count < 10; count += 1) {
      const { next, ...stays } = await page(act);
      if (!next) return { ...stays, url: tab.url.href };
      visited.push(next.href);
      const isSignIn = next.href.startsWith(`${pool.origin}/authorize?`);
      if (!isSignIn && next.origin !== HOME) return { url: next.href };
      nonce = isSignIn ? next.searchParams.get("nonce") : nonce;
      tab.url = isSignIn ? new URL(`${next.searchParams.get("redirect_uri")}?code=c&state=${next.searchParams.get("state")}`) : next;
      act = (client) => client.resume();
    }
    throw new Error("this does not end");
  };
  return { pool, page, surf, visited };
}
