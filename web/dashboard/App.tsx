import { useEffect, useRef } from "preact/hooks";
import { ConnectionNotice } from "./parts/ConnectionNotice";
import { Navigation } from "./parts/Navigation";
import { TokenPrompt } from "./parts/TokenPrompt";
import { NoSuchPage } from "./pages/NoSuchPage";
import { pageOf } from "./pages/pages";
import { useConnection } from "./state/useConnection";
import { useRoute } from "./state/route";

// The frame around every page: navigation, the notice when the server does not answer, and the page itself.
export function App() {
  const route = useRoute();
  const away = useConnection() === "lost";
  const page = pageOf(route.page);
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);

  useEffect(() => {
    document.title = `${page?.title ?? "Not found"} · rankloop`;
    // A reader of the screen hears the new page; the first page is read anyway.
    if (!first.current) main.current?.focus({ preventScroll: true });
    first.current = false;
    window.scrollTo(0, 0);
  }, [route.page]);

  const Page = page?.component;
  return (
    <div class="frame">
      <a class="skip" href="#content" onClick={(event) => { event.preventDefault(); main.current?.focus(); }}>
        Skip to the content
      </a>
      <Navigation current={page?.path} />
      <main id="content" tabIndex={-1} ref={main}>
        <ConnectionNotice />
        <TokenPrompt />
        {page && Page ? (
          <>
            <header class="page-head">
              <h1>{page.title}</h1>
              <p>{page.question}</p>
            </header>
            <div class={away ? "page away" : "page"}><Page key={page.path} argument={route.argument} query={route.query} /></div>
          </>
        ) : <NoSuchPage path={route.page} />}
      </main>
    </div>
  );
}
