import assert from "node:assert/strict";
import { mkdtemp, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { call } from "../runtime/call.js";
import { Client } from "../runtime/client.js";
import { FileTokenStore } from "../runtime/file-token-store.js";
import { idToken, issuer } from "./issuer.mjs";
import { API, GET, options, POST, serve } from "./server.mjs";

const BEARER = { ...GET, security: [["signIn"]] };
const SIGNED = { ...GET, security: [["sigv4"]] };
const ANY = { ...GET, security: [["password"], ["partnerKey"], ["signIn"], ["sigv4"], []] };
const KEYS = { accessKeyId: "AKID", secretAccessKey: "s" };

function api(origin) {
  return { ...API, schemes: { ...API.schemes, signIn: { ...API.schemes.signIn, discovery: `${origin}/auth/main/.well-known/openid-configuration` } } };
}

test("the strongest way that the client has is used", async () => {
  const server = await serve({ body: {} });
  const basic = { username: "u", password: "p:é" };
  const all = { basic, apiKey: { partnerKey: "k" }, accessToken: "t", credentials: KEYS };
  const used = async (given, more) => {
    await call(new Client(API, server.url, given), ANY, {}, more);
    const { authorization = "", "x-api-key": key = "" } = server.requests.at(-1).headers;
    return authorization.split(" ")[0] || key;
  };
  assert.equal(await used(all), "AWS4-HMAC-SHA256");
  assert.equal(await used({ ...all, credentials: undefined }), "Bearer");
  assert.equal(await used({ basic, apiKey: { partnerKey: "k" } }), "k");
  assert.equal(await used({ basic }), "Basic");
  assert.equal(Buffer.from(server.requests.at(-1).headers.authorization.slice(6), "base64").toString(), "u:p:é");
  assert.equal(await used({}), "");
  assert.equal(await used(all, { auth: "partnerKey" }), "k");
  assert.equal(await used(all, { auth: null }), "");
  await assert.rejects(used(all, { auth: "nothing" }), { name: "BadArgument" });
  server.close();
});

test("who is not signed in is told what would help, before anything is sent", async () => {
  const client = new Client(API, "http://127.0.0.1:9");
  await assert.rejects(call(client, BEARER), { name: "NotSignedIn", message: /call login\(\)/ });
  await assert.rejects(call(client, { ...GET, security: [["partnerKey"]] }), /give apiKey/);
});

test("a function gives a token for each attempt", async () => {
  const tokens = ["one", "two"];
  const server = await serve({ status: 503 }, { body: {} });
  await call(new Client(API, server.url, options([], { accessToken: async () => tokens.shift() })), BEARER);
  assert.deepEqual(server.requests.map(({ headers }) => headers.authorization), ["Bearer one", "Bearer two"]);
  server.close();
});

test("tokens are renewed before they end, by one renewal for all calls", async () => {
  let number = 0;
  const pool = await issuer({ "/token": () => ({ body: { access_token: `fresh-${++number}`, expires_in: 60, refresh_token: `r-${number}` } }) });
  const server = await serve({ body: {} });
  let now = 1_000;
  const client = new Client(api(pool.origin), server.url, { clock: () => now, tokens: { accessToken: "old", refreshToken: "r-0", expiresAt: 1_029 } });
  await Promise.all(Array.from({ length: 20 }, () => call(client, BEARER)));
  assert.deepEqual(pool.asked.map(([path, form]) => [path, form.refresh_token]), [["/token", "r-0"]]);
  assert.ok(server.requests.every(({ headers }) => headers.authorization === "Bearer fresh-1"));
  now += 31;
  await call(client, BEARER);
  assert.deepEqual(pool.asked.at(-1)[1], { grant_type: "refresh_token", refresh_token: "r-1", client_id: "sdk" });
  pool.close();
  server.close();
});

test("a token that is refused is renewed once; who cannot be renewed is signed out", async () => {
  const answers = { "/token": (form) => (form.refresh_token === "good" ? { body: { access_token: "new", expires_in: 60, refresh_token: "bad" } } : { status: 400, body: { error: "invalid_grant" } }) };
  const pool = await issuer(answers);
  const server = await serve({ status: 401 }, { body: { ok: 1 } }, { status: 401 });
  const client = new Client(api(pool.origin), server.url, { tokens: { accessToken: "old", refreshToken: "good" } });
  assert.deepEqual(await call(client, BEARER), { ok: 1 });
  await assert.rejects(call(client, BEARER), { name: "NotSignedIn" });
  await assert.rejects(call(client, BEARER), { name: "NotSignedIn" });
  assert.equal(server.requests.length, 3);
  pool.close();
  server.close();
});

test("one call that is given up does not end the renewal that others wait for", async () => {
  let answer;
  const asked = new Promise((resolve) => (answer = resolve));
  let release;
  const held = new Promise((resolve) => (release = resolve));
  const pool = await issuer({ "/token": async () => (answer(), await held, { body: { access_token: "new", expires_in: 60 } }) });
  const server = await serve({ body: {} });
  const client = new Client(api(pool.origin), server.url, { tokens: { refreshToken: "r" } });
  const controller = new AbortController();
  const gone = call(client, BEARER, {}, { signal: controller.signal });
  const other = call(client, BEARER);
  const reason = new Error("never mind");
  const told = assert.rejects(gone, reason);
  await asked;
  controller.abort(reason);
  await told;
  release();
  assert.deepEqual(await other, {});
  assert.equal(pool.asked.length, 1);
  pool.close();
  server.close();
});

test("a program's own tokens are fetched as they are needed", async () => {
  const pool = await issuer({ "/token": () => ({ body: { access_token: "machine", expires_in: 60 } }) });
  const server = await serve({ body: {} });
  const client = new Client(api(pool.origin), server.url, { clientId: "robot", clientSecret: "s&c:r", scopes: ["shop/read"] });
  await Promise.all([call(client, BEARER), call(client, BEARER)]);
  const [[, form]] = pool.asked;
  assert.deepEqual([pool.asked.length, form], [1, { grant_type: "client_credentials", scope: "shop/read" }]);
  pool.close();
  server.close();
});

test("keys to sign with are fetched once, renewed before they end, and fetched anew when they are refused", async () => {
  let number = 0;
  let now = 1_000;
  const pool = await issuer({ "/credentials": () => ({ body: { AccessKeyId: `ASIA${++number}`, SecretKey: "s", SessionToken: "t", Expiration: now + 900 } }) });
  const expired = { status: 403, body: { detail: "The security token included in the request is expired." } };
  const server = await serve({ body: {} }, { body: {} }, { body: {} }, expired, { body: {} });
  const client = new Client(api(pool.origin), server.url, { clock: () => now, role: "guest", tokens: { accessToken: "t" } });
  const key = () => /Credential=(\w+)/.exec(server.requests.at(-1).headers.authorization)[1];
  await Promise.all([call(client, SIGNED), call(client, SIGNED)]);
  assert.deepEqual([key(), pool.asked.length, pool.asked[0][2]], ["ASIA1", 1, '{"PreferredRole":"guest"}']);
  now += 841;
  await call(client, SIGNED);
  assert.equal(key(), "ASIA2");
  await call(client, SIGNED);
  assert.equal(key(), "ASIA3");
  pool.close();
  server.close();
});

test("a clock that is wrong is set by the server's, once", async () => {
  const wrong = { status: 403, headers: { date: new Date(5_000_000).toUTCString() }, body: { detail: "Signature expired: ..." } };
  const server = await serve(wrong, { body: {} }, { body: {} }, wrong);
  const client = new Client(API, server.url, { clock: () => 1_000, credentials: KEYS });
  await call(client, SIGNED);
  await call(client, SIGNED);
  assert.deepEqual(server.requests.map(({ headers }) => headers["x-amz-date"]), ["19700101T001640Z", "19700101T012320Z", "19700101T012320Z"]);
  await assert.rejects(call(client, SIGNED), { name: "Forbidden" });
  assert.equal(server.requests.length, 5);
  server.close();
});

test("two equal requests in one second have two signatures, and a stream has none", async () => {
  const server = await serve({ body: {} });
  const client = new Client(API, server.url, { clock: () => 1_000, credentials: KEYS });
  await call(client, { ...POST, security: [["sigv4"]] }, { name: "a" });
  await call(client, { ...POST, security: [["sigv4"]] }, { name: "a" });
  const [one, other] = server.requests.map(({ headers }) => headers.authorization.split("Signature=")[1]);
  assert.notEqual(one, other);
  const upload = { ...POST, security: [["sigv4"]], body: { contents: [{ type: "application/octet-stream", kind: "binary" }] } };
  const stream = () => new Blob(["abc"]).stream();
  await assert.rejects(call(client, upload, { body: stream() }), { name: "BadArgument", message: /Blob/ });
  await call(client, { ...upload, unsignedPayload: true }, { body: stream() });
  assert.deepEqual([server.requests.at(-1).headers["x-amz-content-sha256"], server.requests.at(-1).body], ["UNSIGNED-PAYLOAD", "abc"]);
  server.close();
});

test("metadata of another issuer, or with addresses that are not safe, is refused", async () => {
  for (const wrong of [{ issuer: "https://evil.example" }, { token_endpoint: "http://shop.example/token" }, { token_endpoint: "javascript:alert(1)" }]) {
    const pool = await issuer({}, wrong);
    const client = new Client(api(pool.origin), pool.origin, { tokens: { refreshToken: "r" } });
    await assert.rejects(call(client, BEARER), { name: "SignInFailed" });
    assert.deepEqual(pool.asked, []);
    pool.close();
  }
});

/** An issuer at whose sign-in page somebody signs in at once; `change` changes what the browser brings back. */
async function signingIn(change = (query) => query, claims = {}) {
  const pool = await issuer({
    "/token": (form, _, asked) => ({ body: { access_token: "a", expires_in: 60, refresh_token: "r", id_token: idToken({ iss: pool.metadata.issuer, aud: "sdk", exp: 9e9, sub: "u-1", nickname: "Ada", nonce: pool.nonce, ...claims }), asked } }),
    "/revoke": () => ({}),
  });
  const open = async (url) => {
    const { searchParams } = new URL(url);
    pool.nonce = searchParams.get("nonce");
    pool.request = searchParams;
    const query = change(new URLSearchParams({ code: "c", state: searchParams.get("state"), iss: pool.metadata.issuer }));
    pool.page = fetch(`${searchParams.get("redirect_uri")}?${query}`).then((response) => response.text());
  };
  const client = new Client(api(pool.origin), pool.origin);
  const login = (more = {}, who = client) => who.login({ open, show: () => {}, ...more });
  return { pool, client, login };
}

test("somebody signs in through the browser and back to a port of this machine", async () => {
  const { pool, client, login } = await signingIn();
  await login();
  assert.equal(client.session.user.name, "Ada");
  const [[path, form]] = pool.asked;
  assert.equal(path, "/token");
  assert.match(form.redirect_uri, /^http:\/\/127\.0\.0\.1:\d+\/callback$/);
  assert.equal(pool.request.get("code_challenge_method"), "S256");
  assert.ok(form.code_verifier.length >= 43 && pool.request.get("code_challenge") !== form.code_verifier);
  assert.match(await pool.page, /You are signed in/);
  await client.logout();
  assert.deepEqual([pool.asked.at(-1)[0], pool.asked.at(-1)[1].token, client.session.user], ["/revoke", "r", undefined]);
  pool.close();
});

test("answers that nobody asked for, or of somebody else, sign nobody in", async () => {
  for (const [change, claims, message] of [
    [(query) => (query.set("iss", "https://evil.example"), query), {}, /Somebody else/],
    [(query) => (query.delete("iss"), query), {}, /Somebody else/],
    [(query) => (query.delete("code"), query.set("error", "access_denied"), query), {}, /did not work/],
    [(query) => query, { nonce: "other" }, /does not fit/],
    [(query) => query, { aud: "other" }, /does not fit/],
    [(query) => query, { exp: 1 }, /does not fit/],
  ]) {
    const { pool, client, login } = await signingIn(change, claims);
    await assert.rejects(login(), (error) => error.name === "SignInFailed" && message.test(error.message));
    assert.equal(client.session.user, undefined);
    pool.close();
  }
  const { pool, login } = await signingIn((query) => (query.set("state", "forged"), query));
  await assert.rejects(login({ timeout: 0.2 }), /in time/);
  assert.deepEqual(pool.asked, []);
  pool.close();
});

test("where there is no browser a code is shown, and the issuer is asked at its pace", async () => {
  const said = ["authorization_pending", "slow_down", "authorization_pending"];
  const pool = await issuer({
    "/device": () => ({ body: { device_code: "d", user_code: "ABCD", verification_uri: "https://shop.example/device", interval: 2, expires_in: 600 } }),
    "/token": () => (said.length > 0 ? { status: 400, body: { error: said.shift() } } : { body: { access_token: "a" } }),
  });
  const pauses = [];
  const shown = [];
  const client = new Client(api(pool.origin), pool.origin, options(pauses));
  await client.login({ device: true, show: (text) => shown.push(text) });
  assert.deepEqual(shown, ["Sign in at https://shop.example/device with the code ABCD"]);
  assert.deepEqual(pauses, [2, 2, 7, 7]);
  pool.close();
});

test("a fault that passes makes a device ask less often, and what is said for good ends it", async () => {
  const said = [{ status: 503 }, { status: 429 }, { status: 400, body: { error: "authorization_pending" } }, { body: { access_token: "a" } }, { status: 400, body: { error: "access_denied" } }];
  const pool = await issuer({
    "/device": () => ({ body: { device_code: "d", user_code: "A\u001b[2J\nB", verification_uri: "https://shop.example/\u202e", interval: 2 } }),
    "/token": () => said.shift(),
  });
  const pauses = [];
  const shown = [];
  const client = new Client(api(pool.origin), pool.origin, options(pauses));
  const login = () => client.login({ device: true, show: (text) => shown.push(text) });
  await login();
  assert.deepEqual(pauses, [2, 4, 8, 8]);
  assert.equal(shown[0], "Sign in at https://shop.example/  with the code A [2J B");
  await assert.rejects(login(), { name: "SignInFailed", error: "access_denied" });
  pool.close();
});

test("a flow without metadata signs in, whatever the server says of itself", async () => {
  const { pool, login } = await signingIn();
  const schemes = { ...API.schemes, signIn: { kind: "login", authorizationUrl: `${pool.origin}/authorize`, tokenUrl: `${pool.origin}/token`, scopes: ["openid"] } };
  const server = await serve({ body: {} });
  const client = new Client({ ...API, schemes }, server.url);
  await login({}, client);
  await call(client, BEARER);
  assert.equal(server.requests[0].headers.authorization, "Bearer a");
  server.close();
  pool.close();
});

test("metadata is not taken from an address that is not safe", async () => {
  const asked = [];
  const fetch = async (url) => (asked.push(url), Response.json({ issuer: "http://shop.example/auth/main", token_endpoint: "https://evil.example/token" }));
  const client = new Client(api("http://shop.example"), "http://shop.example", { fetch, tokens: { refreshToken: "r" } });
  await assert.rejects(call(client, BEARER), { name: "SignInFailed", message: /https/ });
  assert.deepEqual(asked, []);
});

test("a renewal that comes too late takes what another program got", async () => {
  const path = `${await mkdtemp(`${tmpdir()}/sdk-`)}/tokens.json`;
  const store = new FileTokenStore(path);
  await store.save({ accessToken: "old", refreshToken: "r-0", expiresAt: 1 });
  const pool = await issuer({
    "/token": async () => {
      await store.save({ accessToken: "new", refreshToken: "r-1" });
      return { status: 400, body: { error: "invalid_grant" } };
    },
  });
  const server = await serve({ body: {} });
  await call(new Client(api(pool.origin), server.url, { tokenStore: new FileTokenStore(path) }), BEARER);
  assert.equal(server.requests[0].headers.authorization, "Bearer new");
  assert.equal((await store.load()).refreshToken, "r-1");
  pool.close();
  server.close();
});

test("several programs with one file renew the tokens once, also where one of them ended in the middle of it", async () => {
  const path = `${await mkdtemp(`${tmpdir()}/sdk-`)}/tokens.json`;
  await new FileTokenStore(path).save({ accessToken: "old", refreshToken: "r-0", expiresAt: 1 });
  await writeFile(`${path}.lock`, "");
  await utimes(`${path}.lock`, 1, 1);
  const pool = await issuer({ "/token": (_form, _request, { length }) => ({ body: { access_token: "new", expires_in: 60, refresh_token: `r-${length}` } }) });
  const server = await serve({ body: {} });
  await Promise.all([1, 2, 3].map(() => call(new Client(api(pool.origin), server.url, { tokenStore: new FileTokenStore(path) }), BEARER)));
  assert.deepEqual(pool.asked.map(([, form]) => form.refresh_token), ["r-0"]);
  assert.ok(server.requests.every(({ headers }) => headers.authorization === "Bearer new"));
  await assert.rejects(stat(`${path}.lock`), { code: "ENOENT" });
  pool.close();
  server.close();
});

test("a refusal that is not of the refresh token signs nobody out", async () => {
  const pool = await issuer({ "/token": () => ({ status: 400, body: { error: "temporarily_unavailable" } }) });
  const server = await serve({ body: {} });
  const client = new Client(api(pool.origin), server.url, { tokens: { accessToken: "old", refreshToken: "r", expiresAt: 1 } });
  await assert.rejects(call(client, BEARER), { name: "SignInFailed", error: "temporarily_unavailable" });
  await assert.rejects(call(client, BEARER), { name: "SignInFailed" });
  pool.close();
  server.close();
});

test("tokens in a file are for its owner only, and survive the program", async () => {
  const path = `${await mkdtemp(`${tmpdir()}/sdk-`)}/deep/tokens.json`;
  const store = new FileTokenStore(path);
  assert.equal(await store.load(), undefined);
  await store.save({ accessToken: "a", refreshToken: "r" });
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.deepEqual(JSON.parse(await readFile(path, "utf8")), { accessToken: "a", refreshToken: "r" });
  const server = await serve({ body: {} });
  await call(new Client(API, server.url, { tokenStore: new FileTokenStore(path) }), BEARER);
  assert.equal(server.requests[0].headers.authorization, "Bearer a");
  await store.clear();
  assert.equal(await store.load(), undefined);
  server.close();
});
