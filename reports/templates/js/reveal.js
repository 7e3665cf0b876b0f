// Links lead into what is folded, and a print shows all of it.
const reveal = () => {
  // Our ids are plain: an address that is no id, or no address at all, leads nowhere.
  const target = location.hash && byId(location.hash.slice(1));
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
