// The theme that was chosen, or the system's. Kept in this browser only.
export type Theme = "system" | "light" | "dark";

const kName = "rankloop.theme";

export function chosenTheme(): Theme {
  const kept = localStorage.getItem(kName);
  return kept === "light" || kept === "dark" ? kept : "system";
}

export function applyTheme(theme: Theme = chosenTheme()): void {
  if (theme === "system") {
    localStorage.removeItem(kName);
    delete document.documentElement.dataset.theme;
  } else {
    localStorage.setItem(kName, theme);
    document.documentElement.dataset.theme = theme;
  }
  document.dispatchEvent(new Event("themechange"));
}
