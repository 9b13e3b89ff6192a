import { useEffect, useState } from "preact/hooks";
import { kPages } from "../pages/pages";
import { ThemeToggle } from "./ThemeToggle";

// The list of pages: beside them on a wide screen, behind a button on a narrow one.
export function Navigation({ current }: { current?: string }) {
  const [open, setOpen] = useState(false);
  useEffect(() => setOpen(false), [current]);
  return (
    <header class="side" onKeyDown={(event) => { if (event.key === "Escape") setOpen(false); }}>
      <a class="brand" href="#/">
        <svg viewBox="0 0 32 32" aria-hidden="true">
          <path d="M26 10a12 12 0 1 0 1.6 8" />
          <path d="M27 3v8h-8" />
        </svg>
        rankloop
      </a>
      <button type="button" class="menu quiet" aria-expanded={open} aria-controls="pages" onClick={() => setOpen(!open)}>
        Menu
      </button>
      <nav id="pages" aria-label="Pages" class={open ? "open" : ""}>
        <ul>
          {kPages.map((page) => (
            <li key={page.path}>
              <a href={`#/${page.path}`} aria-current={page.path === current ? "page" : undefined}
                onClick={() => setOpen(false)}>
                <svg viewBox="0 0 24 24" aria-hidden="true"><path d={page.icon} /></svg>
                {page.title}
              </a>
            </li>
          ))}
        </ul>
        <div class="side-end">
          <a href="/docs">API</a>
          <ThemeToggle />
        </div>
      </nav>
    </header>
  );
}
