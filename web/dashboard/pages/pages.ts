import type { ComponentType } from "preact";
import type { PageProps } from "./props";
import { Catalog } from "./catalog/Catalog";
import { Domain } from "./domain/Domain";
import { Drift } from "./drift/Drift";
import { Experiments } from "./experiments/Experiments";
import { Inspect } from "./inspect/Inspect";
import { Loop } from "./loop/Loop";
import { Models } from "./models/Models";
import { Performance } from "./performance/Performance";
import { Persons } from "./persons/Persons";
import { System } from "./system/System";
import { Tasks } from "./tasks/Tasks";
import { Training } from "./training/Training";
import { TryIt } from "./tryit/TryIt";

export interface Page {
  path: string;
  title: string;
  question: string;  // what the page answers
  icon: string;      // the path of a 24 x 24 line drawing
  component: ComponentType<PageProps>;
}

export const kPages: Page[] = [
  { path: "", title: "Loop", question: "Does the loop turn, how fast, and what keeps the next model waiting?",
    icon: "M20 8a9 9 0 1 0 1 6M20 3v5h-5", component: Loop },
  { path: "try", title: "Try it", question: "Be a guest: ask, see the ranking, pick, and watch the loop take note.",
    icon: "M7 4v16l13-8z", component: TryIt },
  { path: "performance", title: "Performance", question: "What do lists come to, by model, over time and by position?",
    icon: "M4 20V4M4 20h16M8 16v-4M12 16V8M16 16v-6M20 16V6", component: Performance },
  { path: "models", title: "Models", question: "Which model answers, which could, and what is the evidence?",
    icon: "M12 3l8 4.5v9L12 21l-8-4.5v-9zM12 12l8-4.5M12 12v9M12 12L4 7.5", component: Models },
  { path: "experiments", title: "Experiments", question: "Which model do people like better, and how sure is that?",
    icon: "M9 3h6M10 3v6l-5 9a2 2 0 0 0 2 3h10a2 2 0 0 0 2-3l-5-9V3M8 15h8", component: Experiments },
  { path: "training", title: "Training", question: "What does the next model learn from, and how is it doing?",
    icon: "M4 4v16h16M7 8c3 7 6 8 12 8", component: Training },
  { path: "tasks", title: "Tasks", question: "What waits, runs, fails, and how long does it take?",
    icon: "M9 6h11M9 12h11M9 18h11M4 6h.01M4 12h.01M4 18h.01", component: Tasks },
  { path: "inspect", title: "Inspect", question: "What was asked, ranked, shown and picked in one task, and why?",
    icon: "M11 4a7 7 0 1 0 0 14a7 7 0 0 0 0-14zM16 16l5 5", component: Inspect },
  { path: "persons", title: "Persons", question: "What is known of one person, and how is it taken out, or away?",
    icon: "M12 12a4 4 0 1 0 0-8a4 4 0 0 0 0 8zM4 20c1-4 4-6 8-6s7 2 8 6", component: Persons },
  { path: "catalog", title: "Catalog", question: "What can be ranked?",
    icon: "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z", component: Catalog },
  { path: "domain", title: "Domain", question: "What is ranked here, for whom, and by what?",
    icon: "M4 5h16M4 10h10M4 15h16M4 20h10", component: Domain },
  { path: "drift", title: "Drift", question: "Do those who ask still look like those the champion learned from?",
    icon: "M3 17c4 0 5-11 9-11s5 11 9 11M3 20h18", component: Drift },
  { path: "system", title: "System", question: "Which program is this, and is it well?",
    icon: "M3 12h4l3-8 4 16 3-8h4", component: System },
];

export function pageOf(path: string): Page | undefined {
  return kPages.find((page) => page.path === path);
}
