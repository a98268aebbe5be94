// What a page is looked at for: gives what is wrong with it.
() => {
  const every = (selector) => [...document.querySelectorAll(selector)];
  const seen = (one) => one.getClientRects().length > 0;
  const start = (one) => one.outerHTML.slice(0, 90);

  const named = (one) => one.type === "hidden" || !seen(one) || one.labels?.length || one.getAttribute("aria-label");
  const nameless = every("input, select, textarea").filter((one) => !named(one)).map((one) => `no label: ${start(one)}`);

  // WCAG 2.2, 2.5.8: targets of 24 pixels and more
  const small = every("button, input, a.primary, a.secondary, .aside a, .below a, .back a")
    .filter((one) => seen(one) && one.getBoundingClientRect().height < 21)
    .map((one) => `small: ${start(one)}`);

  const ids = every("[id]").map((one) => one.id);
  const twice = ids.filter((id, at) => ids.indexOf(id) !== at).map((id) => `twice: ${id}`);
  const headings = every("h1").length === 1 ? [] : ["not one h1"];
  const root = document.documentElement;
  const wide = root.scrollWidth > root.clientWidth ? ["wider than the screen"] : [];

  // WCAG 2.2, 1.4.3: contrast of 4.5
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const channels = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const linear = (one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255);
  const behind = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const found = channels(getComputedStyle(at).backgroundColor);
      if (found[3] === 255) return found;
    }
    return [255, 255, 255];
  };
  const ratio = (one) => {
    const both = [light(channels(getComputedStyle(one).color)), light(behind(one))];
    return (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
  };
  const speaks = (one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  const pale = every("body *")
    .filter((one) => seen(one) && speaks(one) && !one.closest("svg, noscript, .visually-hidden, .skip"))
    .filter((one) => ratio(one) < 4.5)
    .map((one) => `contrast ${ratio(one).toFixed(2)}: ${start(one)}`);

  return [...nameless, ...small, ...twice, ...headings, ...wide, ...pale];
}
