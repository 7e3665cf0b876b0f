// The picture of the reach: all servers at first, then what a reader asks for, down to a server's tools.
const MOST_SERVERS = 14, MOST_RESOURCES = 22;
const overview = byId("overview");
const weight = (route) =>
  (clashesOf(route).length ? 8 : 0) + (route.flags & UNIVERSAL ? 4 : 0) +
  (route.decision === ALLOW && route.actions & CHANGING ? 2 : 0) + (route.decision === ALLOW ? 1 : 0);
const heaviest = (rows, key, most) => {
  const found = [...group(rows, key).entries()].map(([name, own]) => [name, Math.max(...own.map(weight)), own.length]);
  found.sort((a, b) => b[1] - a[1] || b[2] - a[2] || (a[0] < b[0] ? -1 : 1));
  return new Set(found.slice(0, most).map(([name]) => name));
};

const view = { agent: "", server: "", resource: -1, lost: null };
const shownRoutes = () => {
  const fits = routes.filter((route) =>
    runs(route) && (!view.agent || route.agent === view.agent) &&
    (!view.server || route.server === view.server) &&
    (view.resource < 0 || route.resource === view.resource || covers(route, resourceName(view.resource)) ||
      within(resourceName(view.resource), resourceName(route.resource))));
  const plain = fits.filter((route) => view.server || view.resource >= 0 || !(route.flags & (INDIRECT | LINKED)) || clashesOf(route).length);
  const servers = heaviest(plain, (route) => route.server, MOST_SERVERS);
  const few = plain.filter((route) => servers.has(route.server));
  const resources = heaviest(few, (route) => route.resource, MOST_RESOURCES);
  return [plain, few.filter((route) => resources.has(route.resource))];
};
const toolTable = (server, agent) => {
  const own = routes.filter((route) => route.server === server && (!agent || route.agent === agent));
  return table(["Tools", "Resource", "May", "Agent", "Certainty"], own.map((route) => [
    el("span", { class: "mono" }, route.tools.map(toolName).join(", ")),
    el("span", { class: "mono" }, resourceName(route.resource)),
    grant(route.decision, route.actions), titleOf(route.agent), route.certainty,
  ]), `Tools of ${server} and what each reaches`);
};
const pick = (id) => {
  const [kind, name] = [id[0], id.slice(2)];
  if (kind === "s") view.server = view.server === name ? "" : name;
  if (kind === "r") view.resource = view.resource === Number(name) ? -1 : Number(name);
  if (kind === "a") view.agent = view.agent === name ? "" : name;
  if (kind !== "t") show();
};
const picked = () => [
  view.agent && ["a", view.agent, titleOf(view.agent)],
  view.server && ["s", view.server, view.server],
  view.resource >= 0 && ["r", String(view.resource), resourceName(view.resource)],
].filter(Boolean);

const show = () => {
  if (!overview) return;
  const [fitting, few] = shownRoutes();
  const [nodes, edges] = outline(few, new Set(view.server ? [view.server] : []), view.lost);
  draw(byId("canvas"), nodes, edges, pick);
  const servers = new Set(fitting.map((route) => route.server)), drawn = new Set(few.map((route) => route.server));
  const resources = new Set(fitting.map((route) => route.resource)), near = new Set(few.map((route) => route.resource));
  byId("overview-said").textContent = few.length
    ? `${drawn.size} of ${count(servers.size, "server")} and ${near.size} of ${count(resources.size, "resource")}` +
      (drawn.size < servers.size || near.size < resources.size ? " are drawn, those that deserve a look first." : " are drawn.")
    : "Nothing here reaches that.";
  byId("overview-picked").replaceChildren(...picked().map(([kind, name, title]) =>
    el("button", { type: "button", class: "picked", onclick: () => pick(`${kind} ${name}`) }, `${title} ×`)));
  byId("overview-nodes").replaceChildren(...nodes.filter((node) => node.layer !== 2).map((node) =>
    el("li", {}, el("button", { type: "button", class: "plain-button", "data-node": node.id, onclick: () => pick(node.id) },
      node.layer === 1 ? `${node.title} (${node.below})` : node.layer === 3 ? resourceName(Number(node.id.slice(2))) : node.title))));
  const panel = byId("overview-panel");
  panel.replaceChildren();
  if (view.server) panel.append(el("h4", {}, `Tools of ${view.server}`), toolTable(view.server, view.agent));
  else if (view.resource >= 0) panel.append(el("h4", {}, `What can reach ${resourceName(view.resource)}`), routeTable(fitting));
};
const routeTable = (rows) => table(["Agent", "Through", "Tools", "May", "On"], rows.map((route) => [
  titleOf(route.agent), data.installations[route.installation].name,
  el("span", { class: "mono" }, some(route.tools.map(toolName))), grant(route.decision, route.actions),
  el("span", { class: "mono" }, resourceName(route.resource)),
]), "Routes");

if (overview && routes.some(runs)) {
  const field = byId("overview-find"), names = byId("overview-names");
  names.append(...new Set([
    ...data.installations.filter((row) => routes.some((route) => route.server === row.server)).map((row) => row.server),
    ...data.resources.map(([name]) => name),
  ].map((name) => option(name)).values()));
  const find = () => {
    const text = field.value.trim();
    if (data.installations.some((row) => row.server === text)) Object.assign(view, { server: text, resource: -1 });
    else if (data.resources.some(([name]) => name === text))
      Object.assign(view, { server: "", resource: data.resources.findIndex(([name]) => name === text) });
    else if (text) return;
    field.value = "";
    show();
  };
  field.addEventListener("change", find);
  byId("overview-form").addEventListener("submit", (event) => {
    event.preventDefault();
    find();
  });
  byId("overview-all").addEventListener("click", () => {
    Object.assign(view, { agent: "", server: "", resource: -1 });
    show();
  });
  overview.hidden = false;
  document.body.classList.add("live");
  new IntersectionObserver((seen, watcher) => {
    if (!seen.some((one) => one.isIntersecting)) return;
    watcher.disconnect();
    show();
  }, { rootMargin: "400px" }).observe(overview);
}
