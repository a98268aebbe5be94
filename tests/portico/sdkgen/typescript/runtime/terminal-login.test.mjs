import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { Client } from "../runtime/client.js";
import { idToken, issuer } from "./issuer.mjs";
import { API, options } from "./server.mjs";

/** A client that signs in; `open` is given the address that a browser would be sent back to. */
async function signingIn(open, token = async () => {}) {
  const opened = [];
  const pool = await issuer({ "/token": async () => (await token(), { body: { access_token: "a", id_token: idToken({ iss: pool.metadata.issuer, aud: "sdk", exp: 9e9, sub: "ada", nonce: opened[0].nonce }) } }) });
  const browser = async (address) => {
    const { searchParams: asked } = new URL(address);
    opened.push({ nonce: asked.get("nonce") });
    const back = new URL(asked.get("redirect_uri"));
    back.search = new URLSearchParams({ code: "c", state: asked.get("state"), iss: pool.metadata.issuer });
    await open(back);
  };
  return { pool, opened, client: clientOf(pool), given: { open: browser, show() {} } };
}

function clientOf(pool, more) {
  const schemes = { ...API.schemes, signIn: { ...API.schemes.signIn, discovery: `${pool.origin}/auth/main/.well-known/openid-configuration` } };
  return new Client({ ...API, schemes }, pool.origin, more);
}

/** Sends a request as it is, and gives the first line of what is answered. */
async function raw({ port }, line) {
  const socket = connect(port, "127.0.0.1", () => socket.write(`${line} HTTP/1.1\r\nHost: x\r\n\r\n`));
  const [data] = await once(socket, "data");
  socket.destroy();
  return String(data).split("\r\n")[0];
}

test("requests that nobody would make are answered, and do no harm", async () => {
  const answers = [];
  const { pool, client, given } = await signingIn(async (back) => {
    for (const line of ["GET //", "GET http://[", "GET *", "POST /callback", "GET /callback", `GET /elsewhere${back.search}`, "OPTIONS *"]) answers.push(await raw(back, line));
    fetch(back);
  });
  await client.login(given);
  assert.deepEqual(new Set(answers), new Set(["HTTP/1.1 404 Not Found"]));
  assert.equal(client.session.user.subject, "ada");
  pool.close();
});

test("who has given up before is not sent to a browser", async () => {
  const { pool, opened, client, given } = await signingIn(() => {});
  await assert.rejects(client.login({ ...given, signal: AbortSignal.abort() }), { name: "AbortError" });
  assert.deepEqual(opened, []);
  pool.close();
});

test("a browser that never gets opened does not outlast the time that there is", async () => {
  const { pool, client, given } = await signingIn(() => new Promise(() => {}));
  await assert.rejects(client.login({ ...given, timeout: 0.1 }), /in time/);
  pool.close();
});

test("a browser that is gone before it is answered does not keep anybody from being signed in", async () => {
  let gone;
  const closed = new Promise((resolve) => (gone = resolve));
  let asked;
  const { pool, client, given } = await signingIn(
    (back) => {
      const socket = connect(back.port, "127.0.0.1", () => socket.write(`GET ${back.pathname}${back.search} HTTP/1.1\r\nHost: x\r\n\r\n`));
      socket.on("close", gone);
      asked = () => socket.destroy();
    },
    async () => (asked(), await closed),
  );
  await client.login({ ...given, timeout: 10 });
  assert.equal(client.session.user.subject, "ada");
  pool.close();
});

test("an issuer that gives no pace, or a foolish one, is asked neither at once nor never", async () => {
  for (const [interval, pauses] of [[0, [1, 1]], [-1, [5, 5]], ["soon", [5, 5]], [null, [5, 5]], [0.2, [1, 1]], [7, [7, 7]], [1e10, [300, 300]]]) {
    const said = [{ status: 400, body: { error: "authorization_pending" } }, { body: { access_token: "a" } }];
    const pool = await issuer({ "/device": () => ({ body: { device_code: "d", user_code: "A", verification_uri: "https://x.example", interval } }), "/token": () => said.shift() });
    const slept = [];
    await clientOf(pool, options(slept)).login({ device: true, show() {} });
    assert.deepEqual(slept, pauses);
    pool.close();
  }
});
