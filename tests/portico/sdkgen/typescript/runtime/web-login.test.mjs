import assert from "node:assert/strict";
import { test } from "node:test";
import { HOME, open } from "./tab.mjs";

const REFRESH = { tokens: { refresh_token: "r" } };
const HINT = "signed-in:sign-in:sdk";
const KEPT = "sign-in:sdk";
const login = (client) => client.login();

test("somebody signs in and is back where they were", async () => {
  const { pool, surf } = await open(`${HOME}/shop?a=1#b`, REFRESH);
  const { client, url } = await surf(login);
  assert.deepEqual([url, client.session.user.subject, localStorage.getItem(HINT)], [`${HOME}/shop?a=1#b`, "ada", "yes"]);
  pool.close();
});

test("an issuer that gives no refresh token signs somebody in once, and is not asked again and again", async () => {
  const { pool, surf, visited } = await open(`${HOME}/shop`);
  const { client, url } = await surf(login);
  assert.deepEqual([url, client.session.user.subject, visited.length, localStorage.getItem(HINT)], [`${HOME}/shop`, "ada", 1, null]);
  pool.close();
});

test("a page that was just signed in without a question does not ask again, whatever became of its tokens", async () => {
  const { pool, surf, page, visited } = await open(`${HOME}/shop`, REFRESH);
  localStorage.setItem(HINT, "yes");
  await surf();
  assert.equal(visited.length, 2);
  sessionStorage.setItem("sign-in-fresh:sdk", "true"); // as if it had come from the sign-in page, and lost its tokens
  sessionStorage.removeItem(KEPT);
  assert.equal((await page((client) => client.resume())).next, undefined);
  assert.match((await page((client) => client.resume())).next.href, /prompt=none/); // but a later one does
  pool.close();
});

test("a tab is signed in again with a refresh token, also where it has no ID token", async () => {
  const { pool, page } = await open(`${HOME}/shop`, REFRESH);
  localStorage.setItem(HINT, "yes");
  sessionStorage.setItem(KEPT, JSON.stringify({ tab: "t", refreshToken: "r-0" }));
  const { next } = await page((client) => client.resume());
  assert.equal(next, undefined); // the page is not left for the issuer's
  pool.close();
});

test("an issuer elsewhere is gone to at once, and is not told the page", async () => {
  const metadata = { issuer: "https://tenant.issuer.example", authorization_endpoint: "https://tenant.issuer.example/authorize", token_endpoint: "https://tenant.issuer.example/token" };
  const { pool, surf } = await open(`${HOME}/shop/private`, { metadata, options: { fetch: async () => Response.json(metadata) } });
  const { url } = await surf(login);
  assert.match(url, /^https:\/\/tenant\.issuer\.example\/authorize\?/);
  assert.ok(!url.includes("private"));
  pool.close();
});

test("a page whose path looks like another host leads nowhere else", async () => {
  for (const path of ["//evil.example/x", "//evil.example/", "//evil.example"]) {
    const { pool, surf, visited } = await open(`${HOME}${path}`, REFRESH);
    localStorage.setItem(HINT, "yes");
    const { client, url } = await surf();
    assert.deepEqual([url, client.session.user.subject], [`${HOME}${path}`, "ada"]);
    assert.ok(visited.every((address) => address.startsWith(`${HOME}/`) || address.startsWith(`${pool.origin}/`)));
    pool.close();
  }
});

test("a forged answer at a path that looks like another host is taken out of the address", async () => {
  const { pool, surf } = await open(`${HOME}//evil.example/?code=c&state=forged`);
  assert.equal((await surf()).url, `${HOME}//evil.example/`);
  assert.deepEqual(pool.asked, []);
  pool.close();
});

test("who signs out without a connection leaves nothing behind in this tab", async () => {
  const { pool, surf, page } = await open(`${HOME}/`, REFRESH);
  await surf(login);
  pool.close();
  const { client, fault } = await page((one) => one.logout());
  assert.equal(fault.name, "ConnectionFailed");
  assert.deepEqual([sessionStorage.getItem(KEPT), localStorage.getItem(HINT), client.session.user], [null, null, undefined]);
});

test("where the browser gives no locks it is said, and the page goes on", async () => {
  const lock = async () => Promise.reject(new DOMException("no storage", "SecurityError"));
  const { pool, page } = await open(`${HOME}/`, { lock });
  sessionStorage.setItem(KEPT, JSON.stringify({ tab: "t", refreshToken: "r", idToken: "i" }));
  const { client } = await page((one) => one.resume());
  assert.deepEqual([client.session.started, client.session.fault.name], [true, "SecurityError"]);
  pool.close();
});
