// The order form. `#checkout/PRODUCT` opens it, so that a card's button is a link and "back" closes it.

import { concierge, faults, isOffline, isSignedOut, requestId, session, told } from "./api.js";
import { day, element, money, newId, picture } from "./elements.js";

const ADDRESS = /^#checkout\/([a-z0-9-]{1,64})$/;
const AHEAD = 60; // days that can be ordered for
const DAY = 86_400_000; // milliseconds
const DRAFT = "order"; // in sessionStorage, while the visitor is at the sign-in page

export class Checkout {
  #product;
  #key; // names this order, so that trying again cannot order twice
  #sending = false;
  #opener;

  constructor(dialog, { onOrdered, onClosed }) {
    this.dialog = dialog;
    this.form = dialog.querySelector("form");
    this.item = dialog.querySelector("#item");
    this.onOrdered = onOrdered;
    this.onClosed = onClosed;
    for (const button of dialog.querySelectorAll("[data-close]")) button.onclick = () => dialog.close();
    dialog.addEventListener("close", () => this.#closed());
    dialog.addEventListener("cancel", (event) => this.#sending && event.preventDefault());
    dialog.addEventListener("click", (event) => event.target === dialog && !this.#sending && dialog.close());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    for (const field of this.#fields) field.addEventListener("input", () => this.#renew(field));
    session.addEventListener("change", () => (this.dialog.open ? this.#showVisitor() : this.#follow()));
    addEventListener("hashchange", () => this.#follow());
    this.#follow();
  }

  get #fields() {
    return [this.form.elements.deliveryAddress, this.form.elements.deliveryDate];
  }

  /** Open or close as the page's address says. */
  #follow() {
    const id = ADDRESS.exec(location.hash)?.[1];
    if (id) this.#open(id);
    else if (this.dialog.open && !this.#sending) this.dialog.close();
  }

  async #open(id) {
    if (!this.dialog.open) {
      this.#opener = document.activeElement;
      this.dialog.showModal();
    }
    this.#product = undefined;
    this.#key = newId();
    this.#limitDates();
    this.#complain({});
    this.#showVisitor();
    this.item.replaceChildren(element("p", {}, "One moment …"));
    try {
      this.#product = await concierge.getProduct({ productId: id });
    } catch (error) {
      this.item.replaceChildren(element("p", {}, "No bouquet is chosen."));
      return this.#complain({ "": told(error) || "The shop cannot be reached. Please try again." });
    }
    const { name, price, currency, imageUrl } = this.#product;
    const words = element("div", {}, element("h3", {}, name), element("p", {}, `${money(price, currency)}, delivery included`));
    this.item.replaceChildren(picture(imageUrl), words);
    const first = session.user ? this.form.elements.deliveryAddress : this.dialog.querySelector("[data-sign-in]");
    first.focus();
  }

  /** Whoever is signed in can order; whoever is not can sign in, and finds the form as it was. */
  #showVisitor() {
    this.dialog.querySelector("#who-orders").hidden = !session.started || Boolean(session.user);
    this.dialog.querySelector("#order-fields").hidden = !session.user;
    const draft = session.user && sessionStorage.getItem(DRAFT);
    if (!draft || !this.dialog.open) return;
    sessionStorage.removeItem(DRAFT);
    for (const field of this.#fields) field.value = JSON.parse(draft)[field.name] ?? "";
  }

  /** Keep what was typed: the visitor has to sign in again before it can be sent. */
  #keep() {
    sessionStorage.setItem(DRAFT, JSON.stringify(Object.fromEntries(this.#fields.map((field) => [field.name, field.value]))));
    this.#complain({ "": "You were signed out in the meantime. Sign in again, and the form will be as you left it." });
    this.#showVisitor();
  }

  #limitDates() {
    const today = Math.floor(Date.now() / DAY) * DAY;
    const [first, last] = [new Date(today + DAY), new Date(today + AHEAD * DAY)];
    const field = this.form.elements.deliveryDate;
    field.min = first.toISOString().slice(0, 10);
    field.max = last.toISOString().slice(0, 10);
    this.dialog.querySelector("#date-hint").textContent = `From ${day(first)} to ${day(last)}`;
  }

  async #submit() {
    const faults = this.#faults();
    this.#complain(faults);
    if (this.#sending || !this.#product || Object.keys(faults).length > 0) return;
    const { deliveryAddress, deliveryDate } = this.form.elements;
    const order = { productId: this.#product.productId, deliveryAddress: deliveryAddress.value.trim(), deliveryDate: deliveryDate.value };
    this.#setSending(true);
    try {
      const result = await concierge.checkout(order, { idempotencyKey: this.#key });
      this.#setSending(false);
      if (result.success) this.#succeeded(result);
      else this.#complain({ "": result.message });
    } catch (error) {
      this.#setSending(false);
      if (isSignedOut(error)) this.#keep();
      else this.#complain(explain(error));
    }
  }

  #succeeded({ orderId, message }) {
    const { name, imageUrl } = this.#product;
    this.form.reset();
    this.#opener = undefined; // the way on is the conversation, not the card
    this.dialog.close();
    this.onOrdered({ orderId, message, name, imageUrl });
  }

  /** What the form itself can tell: JSON pointer of the field -> fault. */
  #faults() {
    const { deliveryAddress, deliveryDate } = this.form.elements;
    const faults = {};
    if (deliveryAddress.value.trim().length < deliveryAddress.minLength) faults["/deliveryAddress"] = "Please give a name, a street and a town.";
    if (deliveryDate.value === "") faults["/deliveryDate"] = "Please choose a day.";
    else if (deliveryDate.value < deliveryDate.min || deliveryDate.value > deliveryDate.max) faults["/deliveryDate"] = "We do not deliver on that day.";
    return faults;
  }

  /** Show each fault at its field, and what has no field above the form. */
  #complain(faults) {
    const others = { ...faults };
    let first;
    for (const field of this.#fields) {
      const pointer = `/${field.name}`;
      this.#mark(field, others[pointer]);
      if (others[pointer]) first ??= field;
      delete others[pointer];
    }
    const general = this.dialog.querySelector("#order-fault");
    general.textContent = Object.values(others).join(" ");
    general.hidden = general.textContent === "";
    first?.focus();
  }

  #mark(field, fault = "") {
    const place = this.dialog.querySelector(`#${field.id}-fault`);
    place.textContent = fault;
    place.hidden = fault === "";
    if (fault) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }

  /** A changed form is another order. */
  #renew(field) {
    this.#key = newId();
    this.#mark(field);
  }

  #setSending(sending) {
    this.#sending = sending;
    const button = this.dialog.querySelector("#place");
    button.textContent = sending ? "Placing the order …" : "Place the order";
    button.setAttribute("aria-disabled", String(sending));
  }

  #closed() {
    if (ADDRESS.test(location.hash)) history.replaceState(null, "", location.pathname + location.search);
    if (this.#opener?.isConnected && this.#opener !== document.body) this.#opener.focus();
    else this.onClosed();
  }
}

function explain(error) {
  if (isOffline(error)) return { "": "No answer came. Please try again: you will not order twice." };
  const placed = faults(error);
  if (placed.length > 0) return Object.fromEntries(placed);
  const number = requestId(error) && ` (${requestId(error)})`;
  return { "": told(error) || `Something went wrong on our side. Please try again.${number}` };
}
