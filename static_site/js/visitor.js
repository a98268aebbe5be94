// Shows who is signed in, and the ways in and out.

import { concierge, session, whyNot } from "./api.js";

const find = (id) => document.getElementById(id);

export class Visitor {
  constructor({ onSignedOut }) {
    this.menu = find("account-menu");
    for (const button of document.querySelectorAll("[data-sign-in]")) {
      button.onclick = () => this.#enter({ create: button.dataset.signIn === "create" });
    }
    find("sign-out").onclick = () => {
      onSignedOut();
      this.#try(() => concierge.logout());
    };
    session.addEventListener("change", () => this.#show());
  }

  #enter(how) {
    return this.#try(() => concierge.login(how));
  }

  async #try(go) {
    this.#complain("");
    try {
      await go();
    } catch (error) {
      this.#complain(whyNot(error));
    }
  }

  #show() {
    const { user, fault } = session;
    find("sign-in").hidden = Boolean(user);
    find("account").hidden = !user;
    find("skip").href = user ? "#message" : "#begin";
    find("skip").textContent = user ? "Skip to your message" : "Skip to signing in";
    this.#complain(whyNot(fault));
    if (!user) return this.menu.hidePopover();
    find("initial").textContent = Array.from(user.name)[0].toUpperCase();
    find("account-name").textContent = user.name;
    find("account-who").textContent = user.email || user.name;
  }

  #complain(fault) {
    for (const place of document.querySelectorAll("[data-sign-in-fault]")) {
      place.textContent = fault;
      place.hidden = fault === "";
    }
  }
}
