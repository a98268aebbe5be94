// Signs the requests that come as JSON on standard input with the JavaScript signers that people use, and writes
// what they would send. One request: {method, url, headers, body, presign}.
const aws4 = require("aws4");
const { Sha256 } = require("@aws-crypto/sha256-js");
const { SignatureV4 } = require("@smithy/signature-v4");
const { HttpRequest } = require("@smithy/protocol-http");

const { credentials, region, service, now, requests } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const datetime = new Date(now * 1000).toISOString().replace(/[:-]|\.\d{3}/g, "");

async function withAws4fetch({ method, url, headers, body, presign }) {
  const { AwsV4Signer } = await import("aws4fetch");
  const target = new URL(url);
  if (presign) target.searchParams.set("X-Amz-Expires", String(presign));
  const signer = new AwsV4Signer({
    method, url: target.toString(), headers, body: body || undefined, region, service, datetime,
    accessKeyId: credentials.id, secretAccessKey: credentials.secret, sessionToken: credentials.token,
    signQuery: Boolean(presign),
  });
  const signed = await signer.sign();
  return {
    method, url: signed.url.toString(), body,
    headers: { host: signed.url.host, ...Object.fromEntries(signed.headers.entries()) },
  };
}

async function withAws4({ method, url, headers, body, presign }) {
  const target = new URL(url);
  const options = {
    method, host: target.host, path: target.pathname + target.search, headers: { ...headers }, body: body || "",
    region, service, signQuery: Boolean(presign),
  };
  if (presign) {
    options.path += (target.search ? "&" : "?") + `X-Amz-Expires=${presign}&X-Amz-Date=${datetime}`;
  } else options.headers["X-Amz-Date"] = datetime;
  const signed = aws4.sign(options, {
    accessKeyId: credentials.id, secretAccessKey: credentials.secret, sessionToken: credentials.token,
  });
  return { method, url: target.origin + signed.path, headers: signed.headers, body };
}

async function withSmithy({ method, url, headers, body, presign }) {
  const target = new URL(url);
  const query = {};
  for (const [name, value] of target.searchParams) {
    query[name] = name in query ? [].concat(query[name], value) : value;
  }
  const request = new HttpRequest({
    method, protocol: target.protocol, hostname: target.hostname, port: Number(target.port) || undefined,
    path: target.pathname, query, headers: { host: target.host, ...headers }, body: body || undefined,
  });
  const signer = new SignatureV4({
    region, service, sha256: Sha256,
    credentials: {
      accessKeyId: credentials.id, secretAccessKey: credentials.secret, sessionToken: credentials.token,
    },
  });
  const signingDate = new Date(now * 1000);
  const signed = presign
    ? await signer.presign(request, { signingDate, expiresIn: presign })
    : await signer.sign(request, { signingDate });
  const encode = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
  const pairs = Object.entries(signed.query).flatMap(([name, value]) =>
    [].concat(value).map((one) => `${encode(name)}=${encode(one ?? "")}`));
  return {
    method, headers: signed.headers, body,
    url: target.origin + signed.path + (pairs.length ? `?${pairs.join("&")}` : ""),
  };
}

async function main() {
  const made = {};
  for (const [name, sign] of Object.entries({ aws4fetch: withAws4fetch, aws4: withAws4, smithy: withSmithy })) {
    made[name] = [];
    for (const request of requests) made[name].push(await sign(request));
  }
  process.stdout.write(JSON.stringify(made));
}

main();
