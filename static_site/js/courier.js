// Brings the visitor's messages to the concierge, one at a time and in order, and waits where there is no connection.

import { concierge, isOffline, isSignedOut, session, told } from "./api.js";

const FIRST_PAUSE = 3_000; // milliseconds until the next try without a connection; doubled each time
const LONGEST_PAUSE = 60_000;

/** Events: "change" when `busy` or `offline` changes. */
export class Courier extends EventTarget {
  busy = false;
  offline = !navigator.onLine;
  #pause = FIRST_PAUSE;
  #timer = 0;

  constructor(conversation) {
    super();
    this.conversation = conversation;
    addEventListener("online", () => this.tryNow());
    addEventListener("offline", () => this.#set({ offline: true }));
    session.addEventListener("change", () => this.deliver());
  }

  /** Send what waits, unless something is on its way or has failed: then the visitor decides. */
  async deliver() {
    const entry = this.conversation.next;
    if (this.busy || !entry || entry.state !== "waiting" || !navigator.onLine || !session.user) return;
    this.conversation.mark(entry, "sending");
    this.#set({ busy: true });
    try {
      const answer = await concierge.sendMessage({ messages: this.conversation.upTo(entry) });
      this.#pause = FIRST_PAUSE;
      this.#set({ busy: false, offline: false });
      if (this.#stands(entry)) {
        this.conversation.mark(entry, "sent");
        this.conversation.hear(answer.messages);
      }
      this.deliver();
    } catch (error) {
      this.#set({ busy: false, offline: isOffline(error) });
      if (this.#stands(entry)) this.#failed(entry, error);
      else this.deliver();
    }
  }

  /** Try a message again that has failed. */
  retry(entry) {
    this.conversation.mark(entry, "waiting");
    this.deliver();
  }

  /** Try at once, without waiting for the pause to end. */
  tryNow() {
    clearTimeout(this.#timer);
    this.#set({ offline: !navigator.onLine });
    this.deliver();
  }

  /** Whether an entry is still part of the conversation: it may have been taken back while it was on its way. */
  #stands(entry) {
    return this.conversation.entries.includes(entry);
  }

  #failed(entry, error) {
    if (isSignedOut(error)) return this.conversation.mark(entry, "waiting"); // until somebody has signed in
    if (!isOffline(error)) return this.conversation.mark(entry, "failed", told(error));
    this.conversation.mark(entry, "waiting");
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.tryNow(), this.#pause);
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
  }

  #set(state) {
    Object.assign(this, state);
    this.dispatchEvent(new Event("change"));
  }
}
