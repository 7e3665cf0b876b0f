// "How does this agent reach that?", answered from the listed rows, with the places behind the first tool.
const asked = byId("paths");
const answer = (agent, name, action) => {
  const bit = action ? 1 << data.actions.indexOf(action) : 0;
  const execute = 1 << data.actions.indexOf("execute");
  // What is not known may be anything, and a shell does all that its machine can.
  const does = (route) => !bit || !route.actions || route.actions & (covers(route, name) ? bit | execute : bit);
  const found = routes.filter((route) =>
    (!agent || route.agent === agent) && runs(route) && does(route) &&
    (meets(resourceName(route.resource), name) || covers(route, name)));
  const how = (route) => {
    const own = resourceName(route.resource);
    return own === name ? 0 : within(own, name) ? 1 : within(name, own) ? 2 : 3;
  };
  found.sort((a, b) => how(a) - how(b) || a.decision - b.decision || (a.agent < b.agent ? -1 : 1));
  return found.map((route) => ({ route, how: ["", "a part of it", "all above it", "everything of its kind"][how(route)] }));
};
const because = (route) => route.steps === null
  ? el("p", { class: "hint" }, "The places behind it are in the canonical report.")
  : el("ol", { class: "path" }, route.steps.map((number) => {
      const [, , , reason, certainty, place] = data.steps[number];
      return el("li", { class: certainty === "certain" ? "sure" : "unsure" },
        el("span", { class: "why" }, reason, certainty === "certain" ? "" : el("em", {}, ` (${certainty})`)),
        place ? el("span", { class: "mono at" }, place) : "");
    }));
const answered = (agent, name, action) => {
  const found = answer(agent, name, action);
  const who = agent ? titleOf(agent) : "any agent";
  const command = ["mcpaudit", "access", ...(agent ? ["--agent", word(agent)] : []), ...(action ? ["--action", action] : []),
    "--resource", word(name), "--why"].join(" ");
  const said = found.length
    ? `${count(found.length, "route")} by which ${who} may ${action || "reach"} ${action ? "" : "or cover "}it, the nearest first.`
    : `No listed row lets ${who} ${action || "reach"} it. What is not known is not listed: see what was not seen.`;
  byId("paths-said").textContent = said;
  byId("paths-found").replaceChildren(
    ...found.slice(0, 40).map(({ route, how }) =>
      el("details", { class: "row route" },
        el("summary", {},
          el("b", {}, titleOf(route.agent)), " → ", el("b", {}, data.installations[route.installation].name), " → ",
          el("span", { class: "mono" }, some(route.tools.map(toolName), 2)), " ", grant(route.decision, route.actions),
          el("span", { class: "hint", "aria-hidden": "true" }, data.words[route.decision]),
          el("span", { class: "end" }, how ? `reaches ${how}: ` : "", how ? el("span", { class: "mono" }, resourceName(route.resource)) : "",
            route.certainty === "certain" ? "" : el("span", { class: "chip quiet" }, route.certainty))),
        el("div", { class: "body" }, because(route)))),
    found.length > 40 ? el("p", { class: "note" }, `${found.length - 40} more routes.`) : "");
  byId("paths-command").textContent = command;
  byId("paths-answer").hidden = false;
  const few = found.slice(0, 40).map(({ route }) => route);
  draw(byId("paths-picture"), ...outline(few, new Set(few.map((route) => route.server)), view.lost));
};
if (asked && routes.length) {
  const names = byId("paths-names");
  names.append(...data.resources.map(([name]) => option(name)));
  byId("paths-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const name = byId("paths-resource").value.trim();
    if (name) answered(byId("paths-agent").value, name, byId("paths-action").value);
  });
  asked.hidden = false;
}
