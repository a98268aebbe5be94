/** The time that an attempt may take, and everything else that ends it. */

import { TimedOut } from "./errors.js";

const LONGEST = 2_000_000; // seconds that a timer can take

/**
 * Ends one attempt: by the caller's signal, when nothing comes for too long, or at the deadline. Only waiting is
 * timed: whoever reads a stream slowly is not too late.
 */
export class Watch {
  /** @type {AbortController | undefined} */
  #controller;
  #over = false;
  #ended = false;
  /** @type {unknown} */
  #reason;
  #timeout;
  #ends;
  #clock;
  #operation;
  #signal;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #last;
  #since = 0;
  /** @type {(() => void) | undefined} */
  #onabort;

  /** Ends what is under way, where it is not `fetch` with the signal. @type {((reason: Error) => void) | undefined} */
  onstop;

  /**
   * @param {string} operation
   * @param {{ timeout: number, ends: number, clock: () => number, signal?: AbortSignal | undefined }} limits seconds;
   *   `ends` is a moment of the clock
   */
  constructor(operation, { timeout, ends, clock, signal }) {
    this.#operation = operation;
    this.#timeout = timeout;
    this.#ends = ends;
    this.#clock = clock;
    this.#signal = signal;
    if (!signal) return;
    if (signal.aborted) this.#abort(signal.reason);
    this.#onabort = () => this.#abort(signal.reason);
    signal.addEventListener("abort", this.#onabort, { once: true });
  }

  /** For `fetch`. Made when it is asked for: a signal costs more than signing does. */
  get signal() {
    this.#controller ??= new AbortController();
    if (this.#over) this.#controller.abort(this.#reason);
    return this.#controller.signal;
  }

  /** Why it ended; undefined while it has not. */
  get reason() {
    return this.#reason;
  }

  /** @param {unknown} reason */
  #abort(reason) {
    if (this.#over) return;
    this.#over = true;
    this.#reason = reason;
    this.#controller?.abort(reason);
    this.onstop?.(/** @type {Error} */ (reason));
  }

  /**
   * Wait for something, for as long as that may take.
   *
   * @template T
   * @param {Promise<T>} waited
   * @returns {Promise<T>}
   */
  async during(waited) {
    this.begin();
    try {
      return await waited;
    } finally {
      this.rest();
    }
  }

  /** Begin to wait, or: something came, and more is waited for. */
  begin() {
    if (this.#ended) return;
    this.#since = performance.now();
    this.#timer ??= setTimeout(this.#check, this.#left(0) * 1000);
  }

  /** Let the deadline count even while nothing is waited for: while the caller gives a body piece by piece. */
  hold() {
    if (this.#ended || this.#ends === Infinity) return;
    const left = Math.max(0, Math.min(this.#ends - this.#clock(), LONGEST));
    this.#last = setTimeout(() => (this.#ends - this.#clock() > 0.001 ? this.hold() : this.#late()), left * 1000);
  }

  /** Nothing is waited for. */
  rest() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** The attempt is over. */
  end() {
    this.#ended = true;
    this.rest();
    clearTimeout(this.#last);
    if (this.#onabort) this.#signal?.removeEventListener("abort", this.#onabort);
  }

  /** End it now, unless it is over. */
  stop() {
    if (this.#ended) return;
    this.#abort(undefined);
    this.end();
  }

  #check = () => {
    const left = this.#left((performance.now() - this.#since) / 1000);
    this.#timer = undefined;
    if (left > 0.001) this.#timer = setTimeout(this.#check, left * 1000);
    else this.#late();
  };

  #late() {
    this.#abort(new TimedOut(`${this.#operation}: no answer in time`));
  }

  /** @param {number} waited seconds */
  #left(waited) {
    const left = Math.min(this.#timeout - waited, this.#ends === Infinity ? Infinity : this.#ends - this.#clock());
    return Math.max(0, Math.min(left, LONGEST));
  }
}
