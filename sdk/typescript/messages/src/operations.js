// Messages: the operations as functions. What a program does not import, a bundler leaves out.
// Written by `portico sdk`; the next run overwrites what is changed here.

import { Client as Base } from "./runtime/client.js";
import { call } from "./runtime/call.js";

/** @type {import("./runtime/types.js").Api} */
const API = {
  name: "Messages",
  basePath: "/messages/v1",
  userAgent: "messages/1.0.0 portico-sdk/1",
  clientId: "sdk",
  region: "us-east-1",
  schemes: {},
};

/** A client without methods: for the functions below. */
export class Client extends Base {
  constructor(baseUrl, options) {
    super(API, baseUrl, options);
  }
}

const $answerMessage = {
  id: "answerMessage",
  method: "POST",
  path: "/messages",
  body: { required: true, contents: [{ type: "application/json", kind: "json" }], spread: { text: true } },
  accept: "application/json, application/problem+json",
  result: "json",
  shape: "object",
};

export function answerMessage(client, params, options) {
  return call(client, $answerMessage, params, options);
}
