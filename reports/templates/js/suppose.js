// What would fall away without some servers and tools: worked out from the listed rows, nothing else.
const suppose = (removed, denied) => {
  const gone = new Set(removed.flatMap(installationsNamed));
  const blocked = new Set(denied.flatMap(toolsNamed));
  const left = (route) =>
    gone.has(route.installation) ? [] : route.tools.filter((tool) => !blocked.has(`${route.installation} ${tool}`));
  const live = routes.filter((route) => runs(route) && left(route).length);
  const of = group(live, (route) => route.installation);
  const has = (installations, fits) =>
    installations.some((number) => !gone.has(number) && (of.get(number) || []).some(fits));

  // Where rules name tools, only what the other side does with the same tools contradicts them.
  const ruled = (conflict, tools) => {
    const named = new Set(conflict.parties.filter(([part]) => part === "restricted").flatMap((party) => party[3]));
    const same = tools.filter((tool) => named.has(tool));
    return same.length ? same : tools;
  };
  const partyStands = (conflict, [part, , installations, tools, actions]) => {
    const there = installations.filter((number) => !gone.has(number));
    if (!there.length) return false;
    const matter = part === "restricted" || conflict.kind !== "decision" ? tools : ruled(conflict, tools);
    const named = matter.length === 0 ||
      there.some((number) => matter.some((tool) => !blocked.has(`${number} ${tool}`)));
    if (conflict.kind === "decision" || part === "restricted" || named) return named;
    const outside = EVERYTHING & ~conflict.permitted;
    return has(there, (route) => {
      const name = resourceName(route.resource);
      if (conflict.kind !== "bypass")
        return conflict.on.some((on) => meets(name, on)) && (conflict.kind === "identity" || route.actions & actions & CHANGING);
      return conflict.on.some((on) => covers(route, on) || (within(on, name) && on !== name) ||
        (meets(name, on) && route.actions & outside));
    });
  };
  const conflictStands = (conflict) => {
    const standing = conflict.parties.filter((party) => partyStands(conflict, party));
    if (standing.length === conflict.parties.length) return true;
    const sides = (rows) => new Set(rows.map(([part]) => part)).size;
    if (sides(conflict.parties) > 1)
      return conflict.kind === "bypass"
        ? [...group(standing, ([, agent]) => agent).values()].some((rows) => sides(rows) > 1)
        : sides(standing) > 1;
    const most = (rows) => Math.max(0, ...[...group(rows, ([, agent]) => agent).values()].map((own) => own.length));
    return most(conflict.parties) > 1 ? most(standing) > 1 : standing.length > 1;
  };
  const legStands = ([, installations, resource, actions]) =>
    has(installations, (route) => route.resource === resource && (!actions || !route.actions || route.actions & actions));
  const flowStands = (flow) => flow.agents.some((agent) =>
    flow.legs.every((legs) => legs.some((leg) => leg[0] === agent && legStands(leg))));

  const conflicts = data.conflicts.map(conflictStands);
  const flows = data.flows.map(flowStands);
  const findingStands = (finding) => {
    if (finding.conflict !== undefined) return conflicts[finding.conflict];
    if (finding.flow !== undefined) return flows[finding.flow];
    if (!finding.installations) return true;
    const there = (rows, number) => rows.some((route) =>
      runs(route) && route.installation === number && route.tools.includes(finding.tool));
    // A tool that is denied in one client already stands there on nothing.
    const running = finding.tool < 0 ? [] : finding.installations.filter((number) => there(routes, number));
    return (running.length ? running : finding.installations).some((number) =>
      !gone.has(number) && !blocked.has(`${number} ${finding.tool}`));
  };
  const lost = routes.filter((route) => left(route).length < route.tools.length);
  const reached = (rows) => new Set(rows.map((route) => `${route.agent} ${route.resource}`));
  const still = reached(live);
  return {
    gone, blocked, lost, conflicts, flows,
    // A flow through servers hides one through the client's own tools, which the report does not list beside it.
    again: (flow) => live.some((route) => flow.agents.includes(route.agent) && data.installations[route.installation].own),
    rows: lost.reduce((sum, route) => sum + route.tools.length - left(route).length, 0),
    isLost: (route) => !left(route).length,
    findings: data.findings.map(findingStands),
    resources: [...reached(lost.filter(runs))].filter((key) => !still.has(key)),
    known: gone.size + blocked.size > 0,
  };
};
