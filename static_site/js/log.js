// Shows the conversation. What is already there stays as it is, so that screen readers announce only what is new.

import { content } from "./conversation.js";
import { element, money, ownAddress, picture } from "./elements.js";

export class Log {
  #shown = []; // ids, in order
  #nodes = new Map(); // id -> the element of a visitor's entry, whose state changes

  constructor(place, { onRetry, onEdit }) {
    this.place = place;
    this.onRetry = onRetry;
    this.onEdit = onEdit;
  }

  /** Show these entries. Returns whether there are new ones. */
  show(entries) {
    const goesOn = this.#shown.every((id, index) => entries[index]?.id === id);
    if (!goesOn) this.#clear();
    const fresh = entries.slice(this.#shown.length);
    for (const entry of fresh) this.#append(entry);
    for (const entry of entries) this.#refresh(entry);
    return fresh.length > 0;
  }

  #clear() {
    this.place.replaceChildren();
    this.#shown = [];
    this.#nodes.clear();
  }

  #append(entry) {
    this.#shown.push(entry.id);
    if (entry.from === "shop") this.place.append(receipt(entry.order));
    else if (entry.message.type === "structured") this.#appendCard(content(entry.message));
    else this.#appendWords(entry);
  }

  #appendWords(entry) {
    const who = entry.from === "visitor" ? "You" : "The concierge";
    const node = element(
      "div",
      { className: `entry ${entry.from}` },
      element("span", { className: "visually-hidden" }, `${who}: `),
      element("p", { className: "bubble", dir: "auto" }, content(entry.message).text ?? ""),
    );
    if (entry.from === "visitor") this.#nodes.set(entry.id, node);
    this.place.append(node);
  }

  /** Cards that follow one another stand side by side. */
  #appendCard(structured) {
    let list = this.place.lastElementChild;
    if (!list?.classList.contains("cards")) {
      list = element("ul", { className: "cards one" });
      this.place.append(list);
    } else {
      list.classList.remove("one");
    }
    const known = structured.type === "product" && structured.payload;
    list.append(element("li", {}, known ? card(structured.payload) : element("p", {}, structured.text ?? "")));
  }

  #refresh(entry) {
    const node = this.#nodes.get(entry.id);
    if (!node || node.dataset.state === entry.state) return;
    node.dataset.state = entry.state;
    node.className = `entry visitor ${entry.state}`;
    node.querySelector(".state")?.remove();
    if (entry.state === "waiting") node.append(element("p", { className: "state" }, "Waits to be sent"));
    if (entry.state === "failed") node.append(this.#failure(entry));
  }

  #failure(entry) {
    const button = (label, onclick) => element("button", { type: "button", onclick }, label);
    return element(
      "p",
      { className: "state" },
      element("span", {}, entry.fault || "This could not be answered."),
      button("Try again", () => this.onRetry(entry)),
      button("Edit", () => this.onEdit(entry)),
    );
  }
}

function card({ name, price, currency, imageUrl, buttonLabel, clickAction }) {
  const address = ownAddress(clickAction);
  const button = address && element("a", { className: "primary", href: address }, buttonLabel, element("span", { className: "visually-hidden" }, ` ${name}`));
  return element(
    "article",
    { className: "card" },
    picture(imageUrl, ""),
    element("h3", {}, name),
    element("p", { className: "price" }, money(price, currency)),
    ...(button ? [button] : []),
  );
}

function receipt({ orderId, message, name, imageUrl }) {
  return element(
    "section",
    { className: "receipt", attributes: { "aria-label": "Order placed" } },
    picture(imageUrl),
    element("h3", {}, `${name} is ordered`),
    element("p", {}, message),
    element("p", { className: "number" }, "Order ", element("code", {}, orderId)),
  );
}
