// Long tables of servers can be searched, and a column of a table opens into its tools.
for (const search of all("[data-search]")) {
  const rows = all("[data-row]", search.closest(".agent"));
  const folds = all("details.rest", search.closest(".agent"));
  const texts = rows.map((row) => row.textContent.toLowerCase());
  search.addEventListener("input", () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    rows.forEach((row, at) => (row.hidden = !words.every((text) => texts[at].includes(text))));
    for (const fold of folds) if (words.length) fold.open = true;
  });
  search.closest("label").hidden = false;
}
for (const head of all("[data-installation]")) {
  const number = data.installations.findIndex((row) => row.id === head.dataset.installation);
  if (number < 0) continue;
  const { server, agent } = data.installations[number];
  const place = head.closest(".agent").querySelector(".tools-of");
  const button = el("button", { type: "button", class: "column-button", "aria-expanded": "false" }, ...head.childNodes);
  button.addEventListener("click", () => {
    const open = button.getAttribute("aria-expanded") === "true";
    for (const other of all(".column-button", head.closest(".agent"))) other.setAttribute("aria-expanded", "false");
    button.setAttribute("aria-expanded", String(!open));
    place.replaceChildren(...(open ? [] : [el("h4", {}, `Tools of ${server} for ${titleOf(agent)}`), toolTable(server, agent)]));
  });
  head.replaceChildren(button);
}
