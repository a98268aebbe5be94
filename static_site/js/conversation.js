// What was said so far. Kept in sessionStorage, so that it survives a reload and ends with the tab.

import { newId } from "./elements.js";

const KEY = "conversation";
const OWNER = "conversation-of";
const SENT_ALONG = 50; // messages: what the API takes of a longer conversation

/**
 * An entry is one line of the conversation:
 *   {id, from: "visitor", message, state: "waiting" | "sending" | "sent" | "failed", fault?}
 *   {id, from: "concierge", message}
 *   {id, from: "shop", order: {orderId, message, name, imageUrl}}    what the checkout said; never sent along
 */
export class Conversation extends EventTarget {
  entries = restore();

  /** The visitor says something. */
  say(text) {
    const id = `m-${newId()}`;
    const message = { type: "unstructured", unstructured: { id, text, timestamp: new Date().toISOString() } };
    this.#add({ id, from: "visitor", message, state: "waiting" });
  }

  /** The concierge answers. */
  hear(messages) {
    this.#add(...messages.map((message) => ({ id: content(message).id ?? newId(), from: "concierge", message })));
  }

  /** An order was placed. */
  ordered(order) {
    this.#add({ id: `order-${order.orderId}`, from: "shop", order });
  }

  /** How the sending of an entry fares. */
  mark(entry, state, fault = "") {
    Object.assign(entry, { state, fault });
    this.#changed();
  }

  /** Take back an entry and everything after it: what was said then no longer follows. */
  takeBack(entry) {
    this.entries = this.entries.slice(0, this.entries.indexOf(entry));
    this.#changed();
  }

  /** From now on it is this person's: what somebody else said before is forgotten. */
  belongTo(subject) {
    const before = sessionStorage.getItem(OWNER);
    if (before && before !== subject) this.clear();
    sessionStorage.setItem(OWNER, subject);
  }

  /** Forget everything. */
  clear() {
    this.entries = [];
    this.#changed();
  }

  /** The messages that go with an entry when it is sent: all before it, and itself last. */
  upTo(entry) {
    const before = this.entries.slice(0, this.entries.indexOf(entry) + 1);
    return before.filter((one) => one.message).map((one) => one.message).slice(-SENT_ALONG);
  }

  /** The visitor's next message that has not been answered, if any. */
  get next() {
    return this.entries.find((entry) => entry.from === "visitor" && entry.state !== "sent");
  }

  /** The visitor's last message. */
  get last() {
    return this.entries.findLast((entry) => entry.from === "visitor");
  }

  #add(...entries) {
    this.entries = [...this.entries, ...entries];
    this.#changed();
  }

  #changed() {
    try {
      sessionStorage.setItem(KEY, JSON.stringify(this.entries));
    } catch {
      // Storage may be full or forbidden: the conversation then lives as long as the page.
    }
    this.dispatchEvent(new Event("change"));
  }
}

/** What a message of either type holds. */
export function content(message) {
  return message[message.type] ?? {};
}

function restore() {
  try {
    const entries = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
    return entries.map((entry) => (entry.state === "sending" ? { ...entry, state: "waiting" } : entry));
  } catch {
    return [];
  }
}
