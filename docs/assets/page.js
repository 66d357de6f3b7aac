// The search and the buttons that copy; pages read without it.
const box = document.querySelector(".search");
const input = document.querySelector("#search");
const results = document.querySelector("#results");
const most = 12;
let chosen = -1;

box.hidden = false;
input.addEventListener("input", show);
input.addEventListener("focus", show);
input.addEventListener("keydown", onKey);
document.addEventListener("click", (event) => {
  if (!box.contains(event.target)) close();
});
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, [contenteditable]");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  input.focus();
  input.select();
});

/** The rows in which every word is found, those whose own name begins with the first word in front. */
function find(text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const rated = [];
  for (const [key, address, about] of globalThis.searchIndex) {
    let rate = 0;
    for (const word of words) {
      const one = rateOf(word, key.toLowerCase(), about.toLowerCase());
      rate = one === 0 ? Number.NEGATIVE_INFINITY : rate + one;
    }
    if (rate > 0) rated.push({ key, address, about, rate });
  }
  return rated.sort((a, b) => b.rate - a.rate || a.key.length - b.key.length);
}

function rateOf(word, key, about) {
  const name = key.slice(key.lastIndexOf(".") + 1);
  if (key === word || name === word) return 8;
  if (name.startsWith(word)) return 6;
  if (key.includes(`.${word}`) || key.startsWith(word)) return 4;
  if (key.includes(word)) return 3;
  return about.includes(word) ? 1 : 0;
}

function show() {
  const found = find(input.value);
  chosen = found.length > 0 ? 0 : -1;
  const items = found.slice(0, most).map(({ key, address, about }, index) => {
    const link = document.createElement("a");
    link.href = address;
    link.tabIndex = -1;
    link.append(element("code", key), element("span", about));
    link.addEventListener("click", close);
    const item = document.createElement("li");
    item.id = `result-${index}`;
    item.role = "option";
    item.append(link);
    return item;
  });
  if (items.length === 0) items.push(element("li", "Nothing found"));
  results.replaceChildren(...items);
  results.hidden = input.value.trim() === "";
  input.setAttribute("aria-expanded", String(!results.hidden));
  mark();
}

function mark() {
  const options = [...results.querySelectorAll("[role=option]")];
  for (const [index, option] of options.entries()) option.ariaSelected = String(index === chosen);
  options[chosen]?.scrollIntoView({ block: "nearest" });
  input.setAttribute("aria-activedescendant", options[chosen]?.id ?? "");
}

function onKey(event) {
  const options = [...results.querySelectorAll("[role=option]")];
  if (event.key === "Escape") {
    close();
    input.blur();
  } else if (event.key === "Enter") options[chosen]?.querySelector("a").click();
  else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (options.length === 0) return;
    const step = event.key === "ArrowDown" ? 1 : -1;
    chosen = (chosen + step + options.length) % options.length;
    mark();
  } else return;
  event.preventDefault();
}

function close() {
  results.hidden = true;
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

// Browsers have no clipboard for pages that come over a connection that anybody could have changed.
const figures = navigator.clipboard === undefined ? [] : document.querySelectorAll(".examples figure");
for (const figure of figures) {
  const button = element("button", "Copy");
  button.type = "button";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(figure.querySelector("code").textContent);
    button.textContent = "Copied";
    setTimeout(() => {
      button.textContent = "Copy";
    }, 1500);
  });
  figure.querySelector("figcaption").append(button);
}
