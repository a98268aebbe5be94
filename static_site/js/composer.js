// The field to write in: Enter sends, Shift+Enter breaks the line, arrow up edits the last message, Esc leaves it.

const DRAFT = "draft";

export class Composer {
  #edited; // the entry that is being edited

  constructor(form, { onSay, lastEntry }) {
    this.form = form;
    this.field = form.elements.message;
    this.notice = form.querySelector("#editing");
    this.onSay = onSay;
    this.lastEntry = lastEntry;
    this.field.value = sessionStorage.getItem(DRAFT) ?? "";
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.field.addEventListener("keydown", (event) => this.#pressed(event));
    this.field.addEventListener("input", () => this.#changed());
    this.#changed();
  }

  focus() {
    this.field.focus();
  }

  /** Put an entry's text into the field: sending it takes the place of that entry and of what followed. */
  edit(entry) {
    this.#edited = entry;
    this.#write(entry.message.unstructured.text);
    this.notice.hidden = false;
    this.focus();
  }

  #pressed(event) {
    if (event.isComposing) return; // Enter then ends a word of Japanese, Chinese or Korean
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.#submit();
    } else if (event.key === "ArrowUp" && this.field.value === "" && this.lastEntry()) {
      event.preventDefault();
      this.edit(this.lastEntry());
    } else if (event.key === "Escape" && this.#edited) {
      event.preventDefault();
      this.#done();
    }
  }

  #submit() {
    const text = this.field.value.trim();
    if (text === "") return this.focus();
    const replaced = this.#edited;
    this.#done();
    this.onSay(text, replaced);
    this.focus();
  }

  #done() {
    this.#edited = undefined;
    this.notice.hidden = true;
    this.#write("");
  }

  #write(text) {
    this.field.value = text;
    this.#changed();
  }

  #changed() {
    if (!CSS.supports("field-sizing", "content")) {
      this.field.style.height = "auto";
      this.field.style.height = `${this.field.scrollHeight}px`;
    }
    try {
      sessionStorage.setItem(DRAFT, this.#edited ? "" : this.field.value);
    } catch {
      // Without storage a draft does not survive a reload, and nothing else is lost.
    }
  }
}
