// Questions that are answered inside a page, where only JavaScript of the browser's own runs.
globalThis.inPage = {
  /** What identifies and links a page. */
  outline: () => ({
    ids: [...document.querySelectorAll("[id]")].map(({ id }) => id),
    links: [...document.querySelectorAll("a")].map(({ href }) => href),
    title: document.title,
    headings: document.querySelectorAll("h1").length,
  }),
  /** How wide the page wants to be, and how wide it may be. */
  widths: () => [document.documentElement.scrollWidth, document.documentElement.clientWidth],
  /** The texts of all elements of a selector. */
  texts: (selector) => [...document.querySelectorAll(selector)].map(({ textContent }) => textContent),
  ids: (selector) => [...document.querySelectorAll(selector)].map(({ id }) => id),
  isShown: (selector) => document.querySelector(selector).checkVisibility(),
  /** The contrast ratio of WCAG 2, 1 to 21, for every pair of colours in which the page shows text. */
  contrasts() {
    const found = new Map();
    for (const element of document.querySelectorAll("body *")) {
      const text = [...element.childNodes].find((node) => node.nodeType === 3 && node.data.trim() !== "");
      if (text === undefined || !element.checkVisibility()) continue;
      const ground = groundOf(element);
      const both = [...ground, getComputedStyle(element).color];
      const [a, b] = [luminance(painted(ground)), luminance(painted(both))];
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      found.set(both.join(" "), { text: text.data.trim(), ratio });
    }
    return [...found.values()];
  },
};

/** The colours behind an element, the outermost first. */
function groundOf(element) {
  if (element === null) return [];
  return [...groundOf(element.parentElement), getComputedStyle(element).backgroundColor];
}

/** The colour of a pixel that is painted with these, one over the other. */
function painted(colours) {
  const context = new OffscreenCanvas(1, 1).getContext("2d");
  for (const colour of colours) {
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
  }
  return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
}

function luminance(colour) {
  const [red, green, blue] = colour
    .map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
