/** The driver of the TypeScript SDK: does what scenarios say. tests/portico/sdk/README.md is its protocol. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { inspect } from "node:util";
import * as sdk from "playground";

const NAMES = JSON.parse(readFileSync(process.argv[2], "utf8")).names;
const CANCEL = 0.1; // seconds after which a call is given up

const say = (value) => process.stdout.write(`${written(value)}\n`);

/** Lines that answer what was asked, by what was asked. */
const waiting = new Map();

function ask(what, more) {
  say({ ask: what, ...more });
  return new Promise((resolve) => waiting.set(what, resolve));
}

// ---------------------------------------------------------------------- values

/** JSON with the digits of large integers and decimals. */
function written(value) {
  if (typeof value === "bigint" || value instanceof sdk.Decimal) return value.toString();
  if (value instanceof Uint8Array) return written({ $base64: Buffer.from(value).toString("base64") });
  if (value === null || typeof value !== "object") return JSON.stringify(value ?? null);
  if (Array.isArray(value)) return `[${value.map(written).join(",")}]`;
  if (typeof value.toJSON === "function") return written(value.toJSON());
  const members = Object.entries(value).filter(([, part]) => part !== undefined);
  return `{${members.map(([name, part]) => `${JSON.stringify(name)}:${written(part)}`).join(",")}}`;
}

/** A value as somebody who uses the SDK would give it. */
function given(value, results) {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((part) => given(part, results));
  if ("$result" in value) return results[value.$result];
  if ("$number" in value) return number(value.$number);
  if ("$data" in value) return data(value.$data);
  const found = {};
  for (const [name, part] of Object.entries(value)) {
    Object.defineProperty(found, name, { value: given(part, results), enumerable: true, writable: true, configurable: true });
  }
  return found;
}

function number(text) {
  if (/^-?\d+$/.test(text)) return BigInt(text);
  return String(Number(text)) === text ? Number(text) : new sdk.Decimal(text);
}

function data({ text, base64, size, as = "bytes", name, content_type: type }) {
  const bytes = text !== undefined ? Buffer.from(text) : base64 !== undefined ? Buffer.from(base64, "base64") : Buffer.alloc(size);
  const content = as === "bytes" ? new Uint8Array(bytes) : as === "stream" ? new Blob([bytes]) : pipe(bytes);
  return name === undefined ? content : { content, name, type };
}

function pipe(bytes) {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at < bytes.length) controller.enqueue(new Uint8Array(bytes.subarray(at, (at += 10_000))));
      else controller.close();
    },
  });
}

// ---------------------------------------------------------------------- client

class Run {
  sleeps = [];
  events = [];
  results = [];
  ahead = 0; // seconds that the client's clock is ahead
  answered = Promise.resolve();

  client(told) {
    this.told = told;
    this.ahead = told.clock;
    this.made = new sdk.Playground(...(told.base_url === null ? [undefined] : [told.base_url]), this.options(told));
    return this.made;
  }

  options(told) {
    return dropped({
      apiKey: told.api_key,
      accessToken: functionOf(told.access_token, (list) => () => (list.length > 1 ? list.shift() : list[0])),
      tokens: told.tokens && {
        accessToken: told.tokens.access_token,
        refreshToken: told.tokens.refresh_token,
        expiresAt: this.now() + told.tokens.expires_in,
      },
      basic: told.basic,
      clientId: told.client_id,
      clientSecret: told.client_secret,
      scopes: told.scopes,
      credentials: functionOf(told.credentials, (one) => async () => credentials(one), credentials),
      role: told.role,
      region: told.region,
      tokenStore: told.token_store && new sdk.FileTokenStore(told.token_store),
      timeout: numeric(told.timeout),
      deadline: numeric(told.deadline),
      retries: retries(told.retries),
      headers: told.headers,
      userAgent: told.user_agent,
      maxAnswer: told.max_answer,
      hooks: {
        beforeRequest: (notice) => this.note("before_request", notice, notice.headers),
        afterResponse: (notice) => this.note("after_response", notice, notice.responseHeaders),
        onRetry: (notice) => this.note("on_retry", notice),
      },
      clock: () => this.now(),
      sleep: (seconds) => this.sleep(seconds),
      random: () => numeric(told.random),
    });
  }

  now() {
    return Date.now() / 1000 + this.ahead;
  }

  async sleep(seconds) {
    await this.answered;
    this.sleeps.push(seconds);
    this.ahead += this.told.advance ?? seconds;
  }

  note(event, { method, url, attempt, status, duration }, headers) {
    this.events.push({ event, method, url, attempt, status, duration, headers });
  }

  // --------------------------------------------------------------------- steps

  async all({ client, steps }) {
    const said = [];
    try {
      this.client(client);
    } catch (error) {
      return { steps: steps.map(() => ({ error: failure(error) })), sleeps: [], events: [] };
    }
    for (const [index, step] of steps.entries()) {
      try {
        if (step.client) this.client(step.client);
        const { kept, shown } = await this.step(step);
        this.results[index] = kept;
        said.push({ result: shown });
      } catch (error) {
        if (!(error instanceof sdk.SdkError) && error?.name !== "AbortError") throw error;
        said.push({ error: failure(error) });
      }
    }
    return { steps: said, sleeps: this.sleeps, events: this.events };
  }

  async step(step) {
    if (step.call) return this.call(step.call);
    if (step.parallel) {
      const results = await Promise.all(step.parallel.map((call) => this.call(call)));
      return { shown: results.map(({ shown }) => shown) };
    }
    if (step.login) await this.login(step.login);
    else if (step.logout) await this.made.logout();
    else if (step.pause) this.ahead += step.pause;
    else if (step.again) this.client(this.told);
    else if (step.text) return { shown: [String(this.made), inspect(this.made), JSON.stringify(this.made)].join("\n") };
    else throw new TypeError(`what is ${JSON.stringify(step)}?`);
    return { shown: null };
  }

  async login({ device = false }) {
    const show = (text) => {
      const [, url, code] = /(https?:\S+) with the code (\S+)/.exec(text) ?? [];
      if (code) this.answered = ask("device", { url, code });
    };
    await this.made.login(device ? { device, show } : { show, open: (url) => void ask("browser", { url }) });
  }

  async call({ key, arguments: named = {}, body, content_type: contentType, options = {}, how = "plain", take = Infinity }) {
    const { method, iterate, params } = namesOf(key);
    const all = Object.fromEntries(Object.entries(named).map(([name, value]) => [params.get(name) ?? name, given(value, this.results)]));
    if (body !== undefined) all.body = given(body, this.results);
    const more = dropped({
      contentType,
      timeout: numeric(options.timeout),
      deadline: numeric(options.deadline),
      retries: retries(options.retries),
      headers: options.headers,
      idempotencyKey: options.idempotency_key,
      auth: options.auth,
    });
    return HOWS[how](this.made, how === "iterate" ? iterate : method, [all, more], take);
  }
}

const HOWS = {
  async plain(client, method, params) {
    const kept = await client[method](...params);
    return { kept, shown: kept instanceof sdk.Download ? await kept.bytes() : kept };
  },
  async raw(client, method, params) {
    const { data, response } = await client[method](...params).withResponse();
    return { shown: { status: response.status, headers: Object.fromEntries(response.headers), body: written(data) } };
  },
  async iterate(client, method, params, take) {
    return { shown: await taken(client[method](...params), take) };
  },
  async events(client, method, params, take) {
    const events = await taken(await client[method](...params), take);
    return { shown: events.map(({ event, id, data }) => ({ event, id, data })) };
  },
  async lines(client, method, params) {
    return { shown: await taken(await client[method](...params), Infinity) };
  },
  async stream(client, method, params) {
    const hash = createHash("sha256");
    let [size, parts] = [0, 0];
    for await (const part of await client[method](...params)) {
      hash.update(part);
      size += part.length;
      parts += 1;
    }
    return { shown: { size, sha256: hash.digest("hex"), several: parts > 1 } };
  },
  async file(client, method, params) {
    const folder = await mkdtemp(join(tmpdir(), "driver-"));
    await (await client[method](...params)).save(join(folder, "download"));
    const bytes = await readFile(join(folder, "download"));
    await rm(folder, { recursive: true });
    return { shown: { size: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") } };
  },
  async cancel(client, method, [params, options]) {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), CANCEL * 1000);
    return { shown: await client[method](params, { ...options, signal: controller.signal }) };
  },
};

async function taken(items, most) {
  const found = [];
  if (most <= 0) return found;
  for await (const item of items) {
    found.push(item);
    if (found.length >= most) break;
  }
  return found;
}

// --------------------------------------------------------------------- options

const dropped = (options) => Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

const numeric = (value) => (value?.$number === undefined ? value : Number(value.$number));

function retries(told) {
  if (typeof told !== "object") return told;
  return dropped({ count: told.count, base: numeric(told.base), cap: numeric(told.cap), maxRetryAfter: numeric(told.max_retry_after) });
}

const functionOf = (told, make, plain = (one) => one) => (told?.function === undefined ? told && plain(told) : make(told.function));

const credentials = ({ access_key_id, secret_key, session_token }) =>
  dropped({ accessKeyId: access_key_id, secretAccessKey: secret_key, sessionToken: session_token });

// ---------------------------------------------------------------------- errors

function failure(error) {
  const { name, message, status, operation, problem, requestId, retryAfter, body, pointer, description } = error;
  const kind = name === "AbortError" ? "Cancelled" : name;
  return dropped({ kind, message, status, operation, problem, request_id: requestId, retry_after: retryAfter, body, pointer, error: error.error, description });
}

// ----------------------------------------------------------------------- names

/** What the SDK calls an operation and its parameters; properties of bodies are called as on the wire. */
function namesOf(key) {
  const params = Object.entries(NAMES[`arguments ${key}`] ?? {}).map(([place, name]) => [place.slice(place.indexOf(":") + 1), name]);
  return { method: NAMES.methods[key], iterate: NAMES.methods[`${key} pages`], params: new Map(params) };
}

// ------------------------------------------------------------------------ lines

for await (const line of createInterface({ input: process.stdin })) {
  const told = JSON.parse(line);
  if (told.done) waiting.get(told.done)?.();
  else {
    new Run().all(told).then(say, (error) => say({ failure: String(error.stack) }));
  }
}
