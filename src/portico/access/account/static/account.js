// The numbers of a key, live. Without it the page shows those of the moment when it was opened.

const EVERY = 2_000; // milliseconds between two looks
const PATIENCE = 10_000; // milliseconds that an answer may take
const SLOWEST = 30_000; // milliseconds between two looks where nobody answers

const live = document.querySelector("#live");
if (live) follow(live);

for (const button of document.querySelectorAll("[data-copy]")) offerCopy(button);

/** Ask for the numbers as long as somebody looks. */
function follow(live) {
  const control = live.querySelector("[data-control]");
  const pause = control.querySelector("[data-pause]");
  let paused = false, wait = EVERY, timer = 0, shown = "";

  const say = (state, alive) => {
    setText(control.querySelector("[data-state]"), state);
    control.classList.toggle("still", !alive);
  };
  const next = () => {
    clearTimeout(timer);
    if (!paused && document.visibilityState === "visible") timer = setTimeout(look, wait);
  };

  async function look() {
    try {
      const answer = await fetch(live.dataset.usage, {
        headers: { accept: "application/json" },
        redirect: "error",
        signal: AbortSignal.timeout(PATIENCE),
      });
      if (answer.status === 404) {
        pause.hidden = true;
        return say("This page was closed. Load it again to go on.", false);
      }
      if (!answer.ok) throw new Error(`answered with ${answer.status}`);
      const text = await answer.text();
      wait = EVERY;
      if (!paused) say("Live", true);
      if (text !== shown) {
        const figures = JSON.parse(text);
        if (figures.shape !== live.dataset.shape) return location.reload(); // the plans have changed
        show(live, figures);
        shown = text;
      }
    } catch {
      wait = Math.min(wait * 2, SLOWEST);
      if (!paused) say("No answer. Trying again.", false);
    }
    next();
  }

  pause.addEventListener("click", () => {
    paused = !paused;
    pause.textContent = paused ? "Go on" : "Pause";
    say(paused ? "Paused" : "Live", !paused);
    if (paused) clearTimeout(timer);
    else look();
  });
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (!paused && document.visibilityState === "visible") look();
  });
  control.hidden = false;
  next();
}

/** Put figures in their places. Their text is text: no markup is made of it. */
function show(live, figures) {
  const one = (name) => live.querySelector(`[data-${name}]`);
  const every = (name) => [...live.querySelectorAll(`[data-${name}]`)];

  setText(one("warning"), figures.warning); // a status: said by screen readers, only when it changes
  for (const name of ["today", "total", "summary", "top"]) setText(one(name), figures[name]);

  every("limit").forEach((item, at) => showLimit(item, figures.limits[at]));

  const days = figures.days;
  every("day").forEach((group, at) => showDay(group, days[at]));
  every("row").forEach((row, at) => {
    setText(row.cells[0], days[at].day);
    days[at].numbers.forEach((text, place) => setText(row.cells[place + 1], text));
  });
  setText(one("first"), days[0].short);
  setText(one("middle"), days[15].short);
  setText(one("last"), days.at(-1).short);

  showOperations(one("operations"), figures.operations);
  one("none").hidden = figures.operations.length > 0;
  one("more").hidden = !figures.more;
}

function showLimit(item, limit) {
  setText(item.querySelector("[data-left]"), limit.left);
  setText(item.querySelector("[data-resets]"), limit.resets);
  const gauge = item.querySelector("[data-gauge]");
  gauge.classList.toggle("low", limit.percent !== null && limit.percent < 10);
  gauge.querySelector(".left").setAttribute("width", limit.percent ?? 0);
}

function showDay(group, day) {
  setText(group.querySelector("title"), day.title);
  const bars = [...group.querySelectorAll("rect")].slice(1);
  day.bars.forEach(([top, height], place) => {
    bars[place].setAttribute("y", top);
    bars[place].setAttribute("height", height);
  });
}

function showOperations(body, operations) {
  const template = document.querySelector("#operation").content;
  while (body.rows.length > operations.length) body.lastElementChild.remove();
  operations.forEach((operation, at) => {
    if (!body.rows[at]) body.append(document.importNode(template.querySelector("tr"), true));
    const row = body.rows[at];
    setText(row.querySelector("[data-name]"), operation.name);
    setText(row.querySelector("[data-details]"), operation.details);
    setText(row.querySelector("[data-requests]"), operation.requests);
    row.querySelectorAll("rect").forEach((bar, place) => {
      bar.setAttribute("x", operation.bars[place][0]);
      bar.setAttribute("width", operation.bars[place][1]);
    });
  });
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Show a button that copies, where the browser can; and keep no secret in a page that one has left. */
function offerCopy(button) {
  const secret = document.getElementById(button.dataset.copy);
  const said = document.querySelector("[data-copied]");
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(secret.textContent);
      said.textContent = "Copied.";
    } catch {
      getSelection().selectAllChildren(secret);
      said.textContent = "Your browser does not copy for us. It is selected: copy it yourself.";
    }
  });
  addEventListener("pagehide", () => secret.replaceChildren());
}
