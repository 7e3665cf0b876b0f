// Links lead into what is folded, and a print shows all of it.
const reveal = () => {
  const target = location.hash && byId(decodeURIComponent(location.hash.slice(1)));
  for (let node = target; node; node = node.parentElement) {
    if (node.tagName === "DETAILS") node.open = true;
    if (node.hidden) node.hidden = false;
  }
  if (target) target.scrollIntoView();
};
addEventListener("hashchange", reveal);

let closed = [];
addEventListener("beforeprint", () => {
  closed = all("details:not([open])");
  for (const node of closed) node.open = true;
});
addEventListener("afterprint", () => {
  for (const node of closed) node.open = false;
});
