import { render } from "preact";
import { App } from "./App";
import { applyTheme } from "./state/theme";

applyTheme();
render(<App />, document.getElementById("app")!);
