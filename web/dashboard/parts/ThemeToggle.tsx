import { useState } from "preact/hooks";
import { applyTheme, chosenTheme, type Theme } from "../state/theme";

const kThemes: Theme[] = ["system", "light", "dark"];

export function ThemeToggle() {
  const [theme, setTheme] = useState(chosenTheme);
  function choose(next: Theme) {
    applyTheme(next);
    setTheme(next);
  }
  return (
    <label class="theme">
      <span class="hidden">Theme</span>
      <select value={theme} onChange={(event) => choose(event.currentTarget.value as Theme)}>
        {kThemes.map((name) => <option key={name} value={name}>{name}</option>)}
      </select>
    </label>
  );
}
