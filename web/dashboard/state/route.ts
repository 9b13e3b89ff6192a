import { useEffect, useState } from "preact/hooks";

// `#/models/7` is the page "models" with the argument "7".
export interface Route {
  page: string;
  argument: string;
}

function read(): Route {
  const [, page = "", argument = ""] = location.hash.split("/");
  return { page, argument: decodeURIComponent(argument) };
}

export function useRoute(): Route {
  const [route, setRoute] = useState(read);
  useEffect(() => {
    const changed = () => setRoute(read());
    window.addEventListener("hashchange", changed);
    return () => window.removeEventListener("hashchange", changed);
  }, []);
  return route;
}

export function go(page: string, argument: string | number = ""): void {
  location.hash = `#/${page}${argument === "" ? "" : `/${encodeURIComponent(argument)}`}`;
}
