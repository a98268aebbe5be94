// Brings the parts of the page together.

import { concierge, session } from "./api.js";
import { Checkout } from "./checkout.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { Courier } from "./courier.js";
import { Log } from "./log.js";
import { Visitor } from "./visitor.js";

const find = (id) => document.getElementById(id);
const NEAR = 120; // pixels: whoever is that near to the end wants to see what is new

const conversation = new Conversation();
const courier = new Courier(conversation);
const composer = new Composer(find("composer"), { onSay: say, lastEntry: () => conversation.last });
const log = new Log(find("log"), { onRetry: (entry) => courier.retry(entry), onEdit: (entry) => composer.edit(entry) });
new Checkout(find("checkout"), {
  onOrdered: (order) => {
    conversation.ordered(order);
    composer.focus();
  },
  onClosed: () => composer.focus(),
});

new Visitor({ onSignedOut: () => conversation.clear() });

conversation.addEventListener("change", show);
session.addEventListener("change", showVisitor);
courier.addEventListener("change", showCourier);
find("try-now").onclick = () => courier.tryNow();
find("start-over").onclick = () => find("forget").showModal();
find("forget").onclose = startOver;
find("latest").onclick = toTheEnd;
find("scroll").addEventListener("scroll", () => isNearTheEnd() && (find("latest").hidden = true), { passive: true });
for (const button of document.querySelectorAll("[data-say]")) button.onclick = () => say(button.dataset.say);

show();
showCourier();
toTheEnd();
concierge.resume();

function say(text, replaced) {
  if (replaced && conversation.entries.includes(replaced)) conversation.takeBack(replaced);
  conversation.say(text);
  toTheEnd();
  courier.deliver();
  composer.focus();
}

function show() {
  const follow = isNearTheEnd();
  const isNew = log.show(conversation.entries);
  find("welcome").hidden = !session.user || conversation.entries.length > 0;
  find("doorstep").hidden = !session.started || Boolean(session.user) || conversation.entries.length > 0;
  find("left").hidden = !session.started || Boolean(session.user) || conversation.entries.length === 0;
  find("start-over").hidden = !session.user || conversation.entries.length === 0;
  if (follow) toTheEnd();
  else if (isNew) find("latest").hidden = false;
}

function showVisitor() {
  if (session.user) conversation.belongTo(session.user.subject);
  find("composer").hidden = find("keys").hidden = !session.user;
  show();
  if (session.user && matchMedia("(pointer: fine)").matches && !location.hash) composer.focus();
}

function showCourier() {
  const follow = isNearTheEnd();
  find("typing").hidden = !courier.busy;
  find("offline").hidden = !courier.offline;
  if (follow) toTheEnd();
}

function startOver() {
  if (find("forget").returnValue !== "yes") return;
  find("forget").returnValue = "";
  conversation.clear();
  composer.focus();
}

function isNearTheEnd() {
  const place = find("scroll");
  return place.scrollHeight - place.scrollTop - place.clientHeight < NEAR;
}

/** Scroll to the end, but never past what the visitor said last: a long answer is read from its beginning. */
function toTheEnd() {
  const place = find("scroll");
  const lastWords = Array.from(find("log").querySelectorAll(".visitor, .receipt")).at(-1);
  const top = lastWords ? lastWords.offsetTop - 12 : 0; // of the welcome, the beginning
  place.scrollTop = Math.min(top, place.scrollHeight);
  find("latest").hidden = true;
}
