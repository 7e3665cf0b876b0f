// What if a server went, or a tool were denied: the page shows what loses its support, and says how it knows.
const panel = byId("what-if");
const supposed = { remove: [], deny: [] };
const marks = () => {
  const result = suppose(supposed.remove, supposed.deny);
  view.lost = result.known ? result.isLost : null;
  const lost = new Map(data.findings.map((finding, at) => [`F-${finding.id}`, !result.findings[at]]));
  for (const card of all(".finding")) card.classList.toggle("falls", Boolean(lost.get(card.id)));
  data.conflicts.forEach((_, at) => byId(`C-${at + 1}`)?.classList.toggle("falls", !result.conflicts[at]));
  data.flows.forEach((_, at) => byId(`W-${at + 1}`)?.classList.toggle("falls", !result.flows[at]));
  const gone = new Set(result.lost.filter(result.isLost).map((route) => `${route.installation} ${route.resource}`));
  const live = new Set(routes.filter((route) => !result.isLost(route)).map((route) => `${route.installation} ${route.resource}`));
  for (const cell of all("[data-cell]"))
    cell.classList.toggle("falls", gone.has(cell.dataset.cell) && !live.has(cell.dataset.cell));
  return result;
};
const listed = (title, items) => items.length
  ? [el("div", {}, el("h4", {}, title), el("ul", { class: "ways" }, items.slice(0, 30).map((item) => el("li", {}, ...[item].flat())),
      items.length > 30 ? el("li", {}, `and ${items.length - 30} more`) : ""))]
  : [];
const link = (id, text) => el("a", { href: `#${id}` }, text);
const told = () => {
  const result = marks();
  const none = !supposed.remove.length && !supposed.deny.length;
  byId("what-if-answer").hidden = none;
  byId("what-if-chosen").replaceChildren(
    ...["remove", "deny"].flatMap((how) => supposed[how].map((name) =>
      el("li", {}, el("button", { type: "button", class: "picked", onclick: () => {
        supposed[how] = supposed[how].filter((one) => one !== name);
        told();
      } }, `${how === "remove" ? "without" : "denied:"} ${name} ×`)))));
  show();
  if (none) return;
  const fallen = (rows) => rows.map((stands, at) => [stands, at]).filter(([stands]) => !stands).map(([, at]) => at);
  const [findings, conflicts, flows] = [fallen(result.findings), fallen(result.conflicts), fallen(result.flows)];
  byId("what-if-said").textContent =
    `${count(result.rows, "row")} of access ${result.rows === 1 ? "falls" : "fall"} away; so ${findings.length === 1 ? "does" : "do"} ` +
    `${findings.length} of ${count(data.findings.length, "open finding")}, ${conflicts.length} of ${count(data.conflicts.length, "conflict")} ` +
    `and ${flows.length} of ${count(data.flows.length, "flow")}.`;
  byId("what-if-lost").replaceChildren(
    ...listed("Findings that lose their support", findings.map((at) => link(`F-${data.findings[at].id}`, `${data.findings[at].severity}: ${data.findings[at].title}`))),
    ...listed("Conflicts that end", conflicts.map((at) => link(`C-${at + 1}`, `${data.conflicts[at].title}: ${data.conflicts[at].resource}`))),
    ...listed("Flows that lose a leg", flows.map((at) => [
      link(`W-${at + 1}`, `${data.flows[at].title} (${data.flows[at].agents.map(titleOf).join(", ")})`),
      result.again(data.flows[at]) ? el("span", { class: "hint again" }, "; the client's own tools may complete it again") : ""])),
    ...listed("No longer reached", result.resources.map((key) => {
      const at = key.lastIndexOf(" ");
      return `${titleOf(key.slice(0, at))}: ${resourceName(Number(key.slice(at + 1)))}`;
    })));
  byId("what-if-command").textContent = ["mcpaudit", "access",
    ...supposed.remove.flatMap((name) => ["--what-if-remove", word(name)]),
    ...supposed.deny.flatMap((name) => ["--what-if-deny", word(name)])].join(" ");
};
const add = (remove, deny) => {
  supposed.remove = [...new Set([...supposed.remove, ...remove])];
  supposed.deny = [...new Set([...supposed.deny, ...deny])];
  told();
};
if (panel && routes.length) {
  const field = byId("what-if-name"), names = byId("what-if-names"), wrong = byId("what-if-wrong");
  const removable = data.installations.filter((row) => !row.own).map((row) => row.id);
  const offer = () => {
    const at = data.installations.findIndex((row) => field.value.startsWith(`${row.id}/`));
    const own = at < 0 ? [] : [...new Set(routes.filter((route) => route.installation === at).flatMap((route) => route.tools))];
    names.replaceChildren(...[...removable, ...data.installations.filter((row) => row.own).map((row) => `${row.id}/`),
      ...own.map((tool) => `${data.installations[at].id}/${toolName(tool)}`)].map((name) => option(name)));
  };
  field.addEventListener("input", offer);
  offer();
  byId("what-if-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const name = field.value.trim();
    const servers = installationsNamed(name).filter((number) => !data.installations[number].own);
    wrong.textContent = "";
    if (servers.length) add([name], []);
    else if (toolsNamed(name).length) add([], [name]);
    else wrong.textContent = name ? `No server or tool here is called ${name}. Servers are AGENT/NAME, tools AGENT/NAME/TOOL.` : "";
    if (!wrong.textContent) field.value = "";
  });
  byId("what-if-none").addEventListener("click", () => {
    Object.assign(supposed, { remove: [], deny: [] });
    told();
  });
  for (const button of all("[data-try]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const { remove, deny } = data.tries[Number(button.dataset.try)];
      Object.assign(supposed, { remove: [], deny: [] });
      add(remove, deny);
      panel.scrollIntoView();
      byId("what-if-said").focus({ preventScroll: true });
    });
  }
  panel.hidden = false;
}
