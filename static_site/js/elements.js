// Making elements. Text is always text: nothing on this page is ever parsed as HTML.

/** element("p", {className: "price"}, "€42", anotherElement) */
export function element(name, properties = {}, ...children) {
  const { attributes = {}, ...rest } = properties;
  const made = Object.assign(document.createElement(name), rest);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** A name that nobody else uses or guesses. (`crypto.randomUUID` is missing where the page comes without TLS.) */
export function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** An address of this site, or undefined: the server's data must not lead elsewhere, nor run as `javascript:`. */
export function ownAddress(address) {
  if (typeof address !== "string" || !URL.canParse(address, location.origin)) return undefined;
  const url = new URL(address, location.origin);
  return url.origin === location.origin ? url.href : undefined; // whole: a path such as `//evil.example` is elsewhere
}

/** A price in the visitor's way of writing it. */
export function money(price, currency) {
  try {
    return new Intl.NumberFormat(undefined, { style: "currency", currency, trailingZeroDisplay: "stripIfInteger" }).format(price);
  } catch {
    return `${price} ${currency}`;
  }
}

/** A day in the visitor's way of writing it. */
export function day(date) {
  return new Intl.DateTimeFormat(undefined, { dateStyle: "long", timeZone: "UTC" }).format(date);
}

/** A picture of a bouquet. */
export function picture(address, alt = "") {
  return element("img", { src: ownAddress(address) ?? "/images/mark.svg", alt, width: 400, height: 400, loading: "lazy" });
}
