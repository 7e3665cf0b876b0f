// The filter of the findings. What fits stays; groups without a fitting finding go.
const form = byId("filter");
if (form) {
  const cards = all(".finding");
  const groups = all("#findings .more");
  const texts = cards.map((card) => card.textContent.toLowerCase());
  const fields = { severity: byId("by-severity"), agents: byId("by-agent"), servers: byId("by-server"), status: byId("by-status") };
  const apply = () => {
    const words = byId("by-text").value.toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = Object.entries(fields).filter(([, field]) => field && field.value);
    let shown = 0;
    cards.forEach((card, index) => {
      const fits =
        chosen.every(([name, field]) => card.dataset[name].split(" ").includes(field.value)) &&
        words.every((text) => texts[index].includes(text));
      card.hidden = !fits;
      shown += fits ? 1 : 0;
    });
    const active = Boolean(chosen.length || words.length);
    for (const more of groups) {
      more.hidden = !more.querySelector(".finding:not([hidden])");
      if (active) more.open = true;
    }
    byId("shown").textContent = active ? `${shown} of ${count(cards.length, "finding")}` : count(cards.length, "finding");
  };
  form.addEventListener("input", apply);
  form.addEventListener("reset", () => setTimeout(apply));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
}
