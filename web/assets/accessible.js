// What the API viewers leave out for people who do not see the page, or do not use a mouse: put right whenever they
// draw something. Only attributes are changed, so the viewers do not notice.

// Readers jump from heading to heading: none may lie more than one level below the one before it.
function orderHeadings(root) {
  let level = 0;
  for (const heading of root.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
    if (!heading.checkVisibility()) continue;
    level = Math.min(Number(heading.tagName[1]), level + 1);
    heading.setAttribute("aria-level", level);
    heading.setAttribute("role", "heading");
  }
}

// A link inside of a button cannot be reached; the button does the same.
function endNestedLinks(root) {
  for (const link of root.querySelectorAll("button a[href]")) link.removeAttribute("href");
  for (const inner of root.querySelectorAll("button [tabindex]")) inner.removeAttribute("tabindex");
}

function hasLabel(control) {
  const words = (label) => [...label.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  return control.hasAttribute("aria-label") || [...control.labels].some(words);
}

function nameControls(root) {
  for (const control of root.querySelectorAll("select, textarea, input:not([type=hidden])")) {
    if (hasLabel(control)) continue;
    const parameter = control.closest("[data-param-name]")?.dataset.paramName;
    const name = control.id === "servers" ? "Server" : parameter || control.placeholder || "Value";
    control.setAttribute("aria-label", name);
  }
}

// What stands outside of the viewer's own landmarks.
function nameRegions(root) {
  for (const [place, name] of [[".information-container", "About this API"], [".scheme-container", "Server"]]) {
    const region = root.querySelector(place);
    region?.setAttribute("role", "region");
    region?.setAttribute("aria-label", name);
  }
}

// What scrolls, scrolls by keyboard, too.
function reachScrollable(root) {
  for (const text of root.querySelectorAll("pre, .microlight, .highlight-code > *, .curl, [role=tabpanel] > div")) {
    const scrolls = text.scrollWidth > text.clientWidth || text.scrollHeight > text.clientHeight;
    if (scrolls && !text.hasAttribute("tabindex") && !text.closest("button")) text.setAttribute("tabindex", "0");
  }
}

function keepAccessible(root) {
  let planned = false;
  const mend = () => {
    planned = false;
    orderHeadings(root);
    endNestedLinks(root);
    nameControls(root);
    nameRegions(root);
    reachScrollable(root);
  };
  new MutationObserver(() => {
    if (planned) return;
    planned = true;
    requestAnimationFrame(mend);
  }).observe(root, { childList: true, subtree: true });
}

keepAccessible(document.getElementById("viewer"));
