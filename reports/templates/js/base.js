// What all other parts use. Text of others enters the page through textContent alone.
const byId = (id) => document.getElementById(id);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const data = JSON.parse(byId("data").textContent);

const el = (name, properties = {}, ...children) => {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key === "class") node.className = value;
    else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== ""));
  return node;
};
const option = (value, text = value) => {
  const node = el("option", {}, text);
  node.value = value;
  return node;
};
const count = (number, one, many = `${one}s`) => `${number} ${number === 1 ? one : many}`;
const some = (names, most = 3) =>
  names.slice(0, most).join(", ") + (names.length > most ? ` and ${names.length - most} more` : "");
const middle = (text, room) => {
  const half = Math.max(Math.floor((room - 1) / 2), 1);
  return text.length <= room ? text : `${text.slice(0, half)}…${text.slice(-half)}`;
};
const group = (rows, key) => {
  const found = new Map();
  for (const row of rows) {
    const name = key(row);
    if (!found.has(name)) found.set(name, []);
    found.get(name).push(row);
  }
  return found;
};
// A word for a POSIX shell: names are others' text, and may hold anything.
const word = (text) => (/^[\w./:@=,+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
const table = (heads, rows, caption) =>
  el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    el("table", {},
      el("caption", { class: "vh" }, caption),
      el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head)))),
      el("tbody", {}, rows.map((cells) => el("tr", {}, cells.map((cell, at) =>
        el(at ? "td" : "th", at ? {} : { scope: "row" }, ...[cell].flat())))))));
