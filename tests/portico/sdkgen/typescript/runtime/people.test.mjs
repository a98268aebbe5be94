// Two people, one after the other: nothing of the one is left for the other.

import assert from "node:assert/strict";
import { test } from "node:test";
import { call } from "../runtime/call.js";
import { Client } from "../runtime/client.js";
import { CredentialKeeper } from "../runtime/credentials.js";
import { Issuer } from "../runtime/issuer.js";
import { MemoryTokenStore, TokenKeeper } from "../runtime/tokens.js";
import { issuer } from "./issuer.mjs";
import { API, GET, serve } from "./server.mjs";

const OF_ADA = { accessToken: "ada", refreshToken: "ada-r", idToken: "ada-id", expiresAt: 1 };

/** What keeps tokens, of an issuer that answers when it is told to. */
async function keeping(tokens = OF_ADA) {
  const asked = gate();
  const released = gate();
  const renewed = async () => (asked.open(), await released.opened, { body: { access_token: "late", refresh_token: "late-r", expires_in: 60 } });
  const pool = await issuer({ "/token": renewed, "/revoke": () => ({}) });
  const where = { discovery: `${pool.origin}/auth/main/.well-known/openid-configuration`, fetch, timeout: 5, clock: () => 100, clientId: "sdk" };
  const store = new MemoryTokenStore();
  const keeper = new TokenKeeper({ issuer: new Issuer(where), clock: () => 100, store, tokens, scopes: [] });
  return { pool, store, keeper, asked: asked.opened, release: released.open };
}

function gate() {
  let open;
  const opened = new Promise((resolve) => (open = resolve));
  return { open, opened };
}

test("who signs in holds nothing of who was signed in before", async () => {
  const { pool, store, keeper } = await keeping();
  await keeper.accept({ access_token: "bob", expires_in: 60 });
  assert.deepEqual(keeper.held, { accessToken: "bob", expiresAt: 160 });
  assert.deepEqual(store.load(), keeper.held);
  pool.close();
});

test("a renewal keeps what the issuer does not name again", async () => {
  const pool = await issuer({ "/token": () => ({ body: { access_token: "new" } }) });
  const server = await serve({ body: {} });
  const store = new MemoryTokenStore();
  const schemes = { ...API.schemes, signIn: { ...API.schemes.signIn, discovery: `${pool.origin}/auth/main/.well-known/openid-configuration` } };
  const client = new Client({ ...API, schemes }, server.url, { tokens: OF_ADA, tokenStore: store });
  await call(client, { ...GET, security: [["signIn"]] });
  assert.deepEqual(store.load(), { accessToken: "new", refreshToken: "ada-r", idToken: "ada-id" });
  pool.close();
  server.close();
});

test("a renewal that is under way does not undo a sign-out, and what it brings is given back", async () => {
  const { pool, store, keeper, asked, release } = await keeping();
  const renewal = keeper.token();
  await asked;
  await keeper.forget();
  release();
  assert.equal(await renewal, undefined);
  assert.deepEqual([keeper.held, store.load()], [undefined, undefined]);
  assert.deepEqual([pool.asked.at(-1)[0], pool.asked.at(-1)[1].token], ["/revoke", "late-r"]);
  pool.close();
});

test("a renewal that is under way does not change who has signed in since", async () => {
  const { pool, store, keeper, asked, release } = await keeping();
  const renewal = keeper.token();
  await asked;
  await keeper.accept({ access_token: "bob", expires_in: 60 });
  release();
  await renewal;
  assert.deepEqual([keeper.held.accessToken, store.load().accessToken], ["bob", "bob"]);
  pool.close();
});

test("a store that is slow to save holds nothing after a sign-out", async () => {
  const { open, opened } = gate();
  const inner = new MemoryTokenStore();
  const store = { load: () => inner.load(), save: async (tokens) => (await opened, inner.save(tokens)), clear: () => inner.clear() };
  const keeper = new TokenKeeper({ issuer: undefined, clock: () => 100, store, scopes: [] });
  const saved = keeper.accept({ access_token: "ada" });
  const gone = keeper.forget();
  open();
  await Promise.all([saved, gone]);
  assert.equal(inner.load(), undefined);
});

test("who has signed in since does not get the keys that somebody else asked for", async () => {
  let who = "ada";
  const { open, opened } = gate();
  const pool = await issuer({ "/credentials": async (_, request) => (request.headers.authorization === "Bearer ada" && (await opened), { body: { AccessKeyId: `of ${request.headers.authorization}`, SecretKey: "s", Expiration: 9e9 } }) });
  const where = { discovery: `${pool.origin}/auth/main/.well-known/openid-configuration`, fetch, timeout: 5, clock: () => 100, clientId: "sdk" };
  const keeper = new CredentialKeeper({ given: undefined, issuer: new Issuer(where), token: async () => who, role: undefined, clock: () => 100 });
  const first = keeper.credentials();
  await Promise.resolve();
  who = "bob";
  keeper.forget();
  const second = await keeper.credentials();
  open();
  assert.deepEqual([second.accessKeyId, (await first).accessKeyId], ["of Bearer bob", "of Bearer ada"]);
  assert.equal(keeper.peek().accessKeyId, "of Bearer bob");
  pool.close();
});
