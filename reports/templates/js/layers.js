// Where nodes stand: in columns from agents to resources, each sorted so that few lines cross.
const arrange = (nodes, edges) => {
  const near = new Map(nodes.map((node) => [node.id, []]));
  for (const edge of edges) {
    near.get(edge.source).push(edge.target);
    near.get(edge.target).push(edge.source);
  }
  const columns = [...group(nodes, (node) => node.layer).entries()].sort(([a], [b]) => a - b).map(([, own]) => own);
  const place = new Map();
  const note = (column) => column.forEach((node, row) => place.set(node.id, row / Math.max(column.length - 1, 1)));
  columns.forEach(note);
  const mean = (node, others) => {
    const known = near.get(node.id).filter((id) => others.has(id)).map((id) => place.get(id));
    return known.length ? known.reduce((sum, value) => sum + value, 0) / known.length : place.get(node.id);
  };
  for (let sweep = 0; sweep < 8; sweep++) {
    const order = columns.map((_, at) => at);
    if (sweep % 2) order.reverse();
    for (const at of order) {
      const others = new Set([columns[at - 1], columns[at + 1]].flat().filter(Boolean).map((node) => node.id));
      const means = new Map(columns[at].map((node) => [node.id, mean(node, others)]));
      columns[at].sort((a, b) => means.get(a.id) - means.get(b.id) || (a.id < b.id ? -1 : 1));
      note(columns[at]);
    }
  }
  return columns;
};

// Positions and the height that they need.
const positions = (columns, width) => {
  const found = new Map();
  const tallest = Math.max(...columns.map((column) => column.length), 1);
  const step = 54, gap = 46, wide = Math.min(250, (width - gap * (columns.length - 1) - 8) / columns.length);
  columns.forEach((column, at) => {
    const x = columns.length === 1 ? width / 2 : 4 + wide / 2 + (at * (width - 8 - wide)) / (columns.length - 1);
    column.forEach((node, row) => found.set(node.id, { x, y: 4 + ((row + 0.5) * tallest * step) / column.length }));
  });
  return { at: found, height: tallest * step + 8, wide };
};
