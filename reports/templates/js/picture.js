// Pictures: nodes in columns, drawn by cytoscape at their natural size, so that a page still scrolls as a page.
const pictures = new Set();
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const styles = () => {
  const font = getComputedStyle(document.body).fontFamily;
  return [
    { selector: "node", style: {
      shape: "round-rectangle", width: "data(wide)", height: 42, "background-color": colour("card"),
      "border-color": colour("line"), "border-width": 1.25, color: colour("ink"), label: "data(label)",
      "font-family": font, "font-size": 13, "text-valign": "center", "text-wrap": "wrap", "line-height": 1.25 } },
    { selector: "node.agent", style: { "background-color": colour("strong"), color: colour("on-strong"), "border-color": colour("strong") } },
    { selector: "node.tool, node.resource", style: { "background-color": colour("faint") } },
    { selector: "node.tool", style: { shape: "cut-rectangle" } },
    { selector: "node.open, node.here", style: { "border-color": colour("focus"), "border-width": 2.5 } },
    { selector: "edge", style: {
      width: 1.5, "line-color": colour("soft"), "curve-style": "straight", "target-arrow-shape": "triangle",
      "target-arrow-color": colour("soft"), "arrow-scale": 0.8, opacity: 0.8, label: "data(label)", color: colour("ink"),
      "font-family": font, "font-size": 12, "text-background-color": colour("card"), "text-background-opacity": 1,
      "text-background-padding": 3, "source-endpoint": "90deg", "target-endpoint": "270deg" } },
    { selector: "edge.far", style: {
      "curve-style": "unbundled-bezier", "control-point-distances": "data(bend)", "control-point-weights": 0.5,
      "edge-distances": "endpoints" } },
    { selector: "edge.loads", style: { opacity: 0.45, "target-arrow-shape": "none" } },
    { selector: "edge.allow", style: { width: 2.2, "line-color": colour("ink"), "target-arrow-color": colour("ink"), opacity: 0.9 } },
    { selector: "edge.ask", style: { "line-style": "dashed", "line-dash-pattern": [6, 4] } },
    { selector: "edge.unknown, edge.unsure", style: { "line-style": "dashed", "line-dash-pattern": [2, 4] } },
    { selector: "edge.clash", style: { width: 2.6, "line-color": colour("critical"), "target-arrow-color": colour("critical"), opacity: 1 } },
    { selector: ".faded", style: { opacity: 0.16 } },
    { selector: ".lost", style: { opacity: 0.28 } },
  ];
};

const draw = (holder, nodes, edges, tapped) => {
  const old = [...pictures].find((one) => one.holder === holder);
  if (old) drop(old);
  holder.replaceChildren();
  if (!nodes.length) return null;
  const width = holder.clientWidth;
  const { at, height, wide } = positions(arrange(nodes, edges), width);
  // A line over a column bends outwards, so that it does not run behind what stands there.
  const above = edges.some((edge) => edge.far) ? 34 : 0;
  const bend = (edge) => (at.get(edge.source).y <= height / 2 ? -70 : 70);
  holder.style.height = `${height + 2 * above}px`;
  const room = Math.floor((wide - 14) / 7.7);
  const label = (node) => [node.title, node.below].filter(Boolean).map((line) => middle(line, room)).join("\n");
  const cy = cytoscape({
    container: holder, style: styles(), layout: { name: "preset", fit: false }, zoom: 1, pan: { x: 0, y: above },
    userZoomingEnabled: false, userPanningEnabled: false, boxSelectionEnabled: false, autoungrabify: true,
    elements: [
      ...nodes.map((node) => ({ data: { id: node.id, label: label(node), wide }, position: at.get(node.id), classes: node.kind })),
      ...edges.map((edge, number) => ({ data: { ...edge, id: `e${number}`, label: edge.label || "", bend: bend(edge) }, classes: edge.kind })),
    ],
  });
  cy.on("tap", "node", (event) => tapped && tapped(event.target.id()));
  cy.on("mouseover", "node", (event) => {
    const near = event.target.successors().union(event.target.predecessors()).union(event.target);
    cy.elements().difference(near).addClass("faded");
    holder.style.cursor = tapped ? "pointer" : "default";
  });
  cy.on("mouseout", "node", () => {
    cy.elements().removeClass("faded");
    holder.style.cursor = "default";
  });
  const picture = { holder, cy, again: () => draw(holder, nodes, edges, tapped), width };
  pictures.add(picture);
  return picture;
};
const drop = (picture) => {
  pictures.delete(picture);
  picture.cy.destroy();
};
const redraw = (always) => {
  for (const picture of [...pictures])
    if (picture.holder.clientWidth && (always || picture.holder.clientWidth !== picture.width)) picture.again();
};
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => redraw(true));
let resized = 0;
addEventListener("resize", () => {
  clearTimeout(resized);
  resized = setTimeout(() => redraw(false), 150);
});

// The nodes and edges of some routes: agents, servers, resources, and the tools of servers that are open.
const outline = (rows, open, lost) => {
  const nodes = new Map(), edges = new Map();
  const node = (id, layer, kind, title, below = "") => nodes.set(id, { id, layer, kind, title, below });
  const edge = (source, target, route) => {
    const key = `${source}\n${target}`;
    const now = edges.get(key) || { source, target, decision: 9, clash: false, lost: true, loads: !route };
    if (route) now.decision = Math.min(now.decision, route.decision);
    now.clash ||= Boolean(route && clashesOf(route).length);
    now.lost &&= Boolean(lost && route && lost(route));
    edges.set(key, now);
  };
  for (const route of rows) {
    const installation = data.installations[route.installation];
    const [agent, server, resource] = [`a ${route.agent}`, `s ${route.server}`, `r ${route.resource}`];
    const name = resourceName(route.resource), cut = name.indexOf("/");
    node(agent, 0, "agent", titleOf(route.agent), "agent");
    node(server, 1, open.has(route.server) ? "server open" : "server", installation.name, route.server);
    node(resource, 3, "resource", cut < 0 ? name : name.slice(cut + 1), cut < 0 ? "" : name.slice(0, cut));
    edge(agent, server, null);
    if (open.has(route.server)) {
      const key = `t ${route.server} ${route.tools.join(",")}`;
      node(key, 2, "tool", some(route.tools.map(toolName), 1), actionWords(route.actions));
      edge(server, key, route);
      edge(key, resource, route);
    } else edge(server, resource, route);
  }
  for (const one of edges.values())
    one.kind = [one.loads ? "loads" : data.decisions[one.decision], one.clash ? "clash" : "", one.lost && !one.loads ? "lost" : ""].join(" ");
  return [[...nodes.values()], [...edges.values()]];
};
