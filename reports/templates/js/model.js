// The report's access, read from the rows of numbers that the page holds.
const [ALLOW, ASK, UNKNOWN] = [0, 1, 2];
const UNIVERSAL = 1, INDIRECT = 2, LINKED = 4;
const CHANGING = ["create", "write", "delete", "share", "admin", "execute"]
  .reduce((bits, action) => bits | (1 << data.actions.indexOf(action)), 0);
const SENDING = 1 << data.actions.indexOf("send");
const EVERYTHING = (1 << data.actions.length) - 1;

const titles = new Map(data.agents.map((agent) => [agent.id, agent.title]));
const titleOf = (agent) => titles.get(agent) || agent;
const resourceName = (number) => data.resources[number][0];
const toolName = (number) => data.tools[number];
const routes = data.routes.map(([installation, resource, decision, certainty, actions, flags, tools, steps]) => ({
  installation, resource, decision, certainty, actions, flags, tools, steps,
  agent: data.installations[installation].agent,
  server: data.installations[installation].server,
}));
const runs = (route) => route.decision <= UNKNOWN;
const tells = (actions) => !actions || actions & (CHANGING | SENDING);
const clashes = new Map(data.clashes.map(([installation, resource, numbers]) => [`${installation} ${resource}`, numbers]));
const clashesOf = (route) => clashes.get(`${route.installation} ${route.resource}`) || [];

const actionWords = (actions) => {
  if (actions === EVERYTHING) return "everything";
  const names = data.actions.filter((_, bit) => actions & (1 << bit));
  const shown = names.includes("read") ? names.filter((name) => name !== "list") : names;
  return shown.length > 1 ? `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}` : shown[0] || "unknown";
};
const grant = (decision, actions) =>
  el("span", { class: `g ${data.decisions[decision]}${tells(actions) ? "" : " mild"}` },
    actionWords(actions), el("span", { class: "vh" }, ` ${data.words[decision]}`));

// Whether two resources may share something, by their parts; `?` is a part that is not known.
const provider = (name) => name.slice(0, name.indexOf(":"));
const alike = (a, b) => a === b || a === "?" || b === "?" ||
  (provider(a) === provider(b) && (a.endsWith(":?") || b.endsWith(":?")));
const within = (inner, outer) => {
  const [a, b] = [inner.split("/"), outer.split("/")];
  return b.length <= a.length && b.every((part, at) => alike(part, a[at]));
};
const meets = (a, b) => within(a, b) || within(b, a);
// What a route to everything of its provider covers; the shell's `local:host/exec` covers all files there.
const covers = (route, name) => Boolean(route.flags & UNIVERSAL) && provider(resourceName(route.resource)) === provider(name);

const installationsNamed = (text) => data.installations.flatMap((row, number) =>
  row.id === text || row.name === text || row.server === text ? [number] : []);
const toolsNamed = (text) => data.installations.flatMap((row, number) => {
  const before = [row.id, row.name].find((name) => text.startsWith(`${name}/`));
  const tool = before === undefined ? -1 : data.tools.indexOf(text.slice(before.length + 1));
  return tool >= 0 && routes.some((route) => route.installation === number && route.tools.includes(tool))
    ? [`${number} ${tool}`] : [];
});
