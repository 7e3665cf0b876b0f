// Each finding's own picture: the chain that its list of steps tells, drawn when the finding is opened.
const LAYERS = { loads: [0, 1], offers: [1, 2], decides: [0, 2], "acts-on": [2, 3], restricts: [1, 3], covers: [3, 4] };
const known = new Map([
  ...data.agents.map((agent) => [agent.id, [0, "agent", agent.title, "agent"]]),
  ...data.installations.map((row) => [row.id, [1, "server", row.name, row.server]]),
  ...data.resources.map(([name]) => [name, [3, "resource", name.slice(name.indexOf("/") + 1), name.slice(0, Math.max(name.indexOf("/"), 0))]]),
]);
const chain = (numbers) => {
  const nodes = new Map(), edges = [];
  const node = (id, layer) => {
    const at = known.get(id);
    const owner = at ? null : data.installations.find((row) => id.startsWith(`${row.id}/`));
    const [own, kind, title, below] = at ||
      (owner ? [2, "tool", id.slice(owner.id.length + 1), "tool"] : [layer, layer === 2 ? "tool" : "resource", id, ""]);
    if (!nodes.has(id)) nodes.set(id, { id, layer: own, kind, title, below });
  };
  numbers.forEach((number, at) => {
    const [kind, source, target, , certainty] = data.steps[number];
    const [from, to] = LAYERS[kind] || [2, 3];
    node(source, from);
    node(target, to);
    // That a client decides on a tool is told on the line from its server to it.
    const offered = kind === "decides" && edges.find((edge) => edge.target === target);
    if (offered) {
      offered.label += `, ${at + 1}`;
      return;
    }
    const far = nodes.get(target).layer - nodes.get(source).layer > 1;
    const classes = [far ? "far" : "", certainty === "certain" ? "" : "unsure", kind === "restricts" ? "clash" : ""];
    edges.push({ source, target, label: String(at + 1), far, kind: classes.join(" ") });
  });
  return [[...nodes.values()], edges];
};

const NARROW = 560;
const steps = new Map(data.findings.map((finding) => [`F-${finding.id}`, finding.steps]));
const seen = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries)
    if (isIntersecting && !target.firstChild && target.clientWidth >= NARROW)
      draw(target, ...chain(steps.get(target.closest(".finding").id)));
}, { rootMargin: "200px" });
for (const card of all(".finding")) {
  const holder = card.querySelector(".witness-picture");
  if (!holder || (steps.get(card.id) || []).length < 2) continue;
  holder.hidden = false;
  const toggled = () => {
    if (card.open) return seen.observe(holder);
    seen.unobserve(holder);
    const drawn = [...pictures].find((one) => one.holder === holder);
    if (drawn) drop(drawn);
    holder.replaceChildren();
  };
  card.addEventListener("toggle", toggled);
  if (card.open) toggled();
}
