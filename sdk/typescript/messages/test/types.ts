// The types of all operations, for the compiler: npx tsc -p . checks this file.
// Written by `portico sdk`; the next run overwrites what is changed here.

import { ApiError, Messages } from "../src/index.js";
import type * as operations from "../src/operations.js";

export const client: operations.Client = new Messages("http://localhost:8000", { timeout: 5 });
export const isApiError = (error: unknown): error is ApiError => error instanceof ApiError;
export type AnswerMessageParams = [operations.AnswerMessageParams, Awaited<ReturnType<Messages["answerMessage"]>>];
