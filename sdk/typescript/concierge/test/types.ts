// The types of all operations, for the compiler: npx tsc -p . checks this file.
// Written by `portico sdk`; the next run overwrites what is changed here.

import { ApiError, Concierge } from "../src/index.js";
import type * as operations from "../src/operations.js";

export const client: operations.Client = new Concierge("http://localhost:8000", { timeout: 5 });
export const isApiError = (error: unknown): error is ApiError => error instanceof ApiError;
export type SendMessageParams = [operations.SendMessageParams, Awaited<ReturnType<Concierge["sendMessage"]>>];
export type CheckoutParams = [operations.CheckoutParams, Awaited<ReturnType<Concierge["checkout"]>>];
export type ListProductsParams = [operations.ListProductsParams, Awaited<ReturnType<Concierge["listProducts"]>>];
export type GetProductParams = [operations.GetProductParams, Awaited<ReturnType<Concierge["getProduct"]>>];
export type ListOrdersParams = [operations.ListOrdersParams, Awaited<ReturnType<Concierge["listOrders"]>>];
export type GetOrderParams = [operations.GetOrderParams, Awaited<ReturnType<Concierge["getOrder"]>>];
