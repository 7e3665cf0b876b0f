(() => {
  "use strict";
  const all = (selector) => [...document.querySelectorAll(selector)];
  const byId = (id) => document.getElementById(id);

  const reveal = () => {
    const target = location.hash && byId(decodeURIComponent(location.hash.slice(1)));
    for (let node = target; node; node = node.parentElement) if (node.tagName === "DETAILS") node.open = true;
    if (target) target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();

  let closed = [];
  addEventListener("beforeprint", () => {
    closed = all("details:not([open])");
    for (const node of closed) node.open = true;
  });
  addEventListener("afterprint", () => {
    for (const node of closed) node.open = false;
  });

  const form = byId("filter");
  if (!form) return;
  const cards = all(".finding");
  const groups = all(".more");
  const texts = cards.map((card) => card.textContent.toLowerCase());
  const apply = () => {
    const severity = byId("by-severity").value;
    const agent = byId("by-agent").value;
    const words = byId("by-text").value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    cards.forEach((card, index) => {
      const fits =
        (!severity || card.dataset.severity === severity) &&
        (!agent || card.dataset.agents.split(" ").includes(agent)) &&
        words.every((word) => texts[index].includes(word));
      card.hidden = !fits;
      shown += fits ? 1 : 0;
    });
    const active = Boolean(severity || agent || words.length);
    for (const group of groups) {
      group.hidden = !group.querySelector(".finding:not([hidden])");
      if (active) group.open = true;
    }
    byId("shown").textContent = active ? `${shown} of ${cards.length} findings` : `${cards.length} findings`;
  };
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
})();
