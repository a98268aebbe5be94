// Concierge: the client.
// Written by `portico sdk`; the next run overwrites what is changed here.

import * as operations from "./operations.js";

export class Concierge extends operations.Client {
  sendMessage(params, options) {
    return operations.sendMessage(this, params, options);
  }

  checkout(params, options) {
    return operations.checkout(this, params, options);
  }

  listProducts(params, options) {
    return operations.listProducts(this, params, options);
  }

  getProduct(params, options) {
    return operations.getProduct(this, params, options);
  }

  listOrders(params, options) {
    return operations.listOrders(this, params, options);
  }

  getOrder(params, options) {
    return operations.getOrder(this, params, options);
  }

}
