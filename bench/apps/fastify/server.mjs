// Fastify with its schemas both ways and @fastify/jwt with its token cache on. The schemas are the document's own.
// Fastify checks a request against its schema; the answer's schema compiles its serialiser (it does not validate).
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(process.env.BENCH_NODE_MODULES + "/");
const fastify = require("fastify");
const jwt = require("@fastify/jwt");

const document = JSON.parse(readFileSync(process.env.BENCH_DOCUMENT));
const publicKey = readFileSync(process.env.BENCH_PUBLIC_KEY, "utf8");

// As OpenAPI says it: no coercion of body values, unknown properties are kept.
const app = fastify({ logger: false, ajv: { customOptions: { coerceTypes: false, removeAdditional: false } } });
const schemas = JSON.parse(
  JSON.stringify(document.components.schemas).replaceAll('"#/components/schemas/', '"schemas#/definitions/'),
);
app.addSchema({ $id: "schemas", definitions: schemas });
app.register(jwt, {
  secret: { public: publicKey },
  verify: { algorithms: ["RS256"], allowedIss: "https://bench.example", requiredClaims: ["exp", "sub"], cache: true },
});

const verifyToken = async (request) => {
  await request.jwtVerify();
};
const named = (schema) => ({ $ref: schema.$ref.replace("#/components/schemas/", "schemas#/definitions/") });

const handlers = {
  hello: async () => ({ message: "Hello, how can I help you?" }),
  sendMessage: async (request) => {
    const asked = request.body.messages[0].unstructured;
    const reply = {
      id: asked.id,
      text: "Our roses are fresh today. Shall I show you a bouquet?",
      timestamp: "2026-11-21T09:30:01Z",
    };
    return { messages: [{ type: "unstructured", unstructured: reply }] };
  },
};
const thing = async (request) => request.body ?? { name: request.params.itemId ?? "thing" };

app.register(async (api) => {
  for (const [path, item] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(item)) {
      const schema = { response: { 200: named(operation.responses["200"].content["application/json"].schema) } };
      if (operation.requestBody) schema.body = named(operation.requestBody.content["application/json"].schema);
      api.route({
        method: method.toUpperCase(),
        url: "/chat/v1" + path.replace(/\{(\w+)\}/g, ":$1"),
        schema,
        onRequest: operation.security.length ? verifyToken : [],
        handler: handlers[operation.operationId] ?? thing,
      });
    }
  }
});

await app.listen({ host: "127.0.0.1", port: Number(process.env.BENCH_PORT) });
