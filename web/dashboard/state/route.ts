import { useEffect, useState } from "preact/hooks";

// `#/models/7?beside=2` is the page "models" with the argument "7" and a state that a link carries.
export interface Route {
  page: string;
  argument: string;
  query: URLSearchParams;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function read(): Route {
  const [path, query = ""] = location.hash.split("?");
  const [, page = "", ...rest] = path.split("/");
  return { page: decoded(page), argument: decoded(rest.join("/")), query: new URLSearchParams(query) };
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

// Keeps what was chosen on the page in its address, without a step in the browser's history; an empty value is taken out.
export function keepInAddress(changes: Record<string, string>): void {
  const { query } = read();
  for (const [name, value] of Object.entries(changes)) if (value === "") query.delete(name); else query.set(name, value);
  const text = query.toString();
  history.replaceState(history.state, "", `${location.hash.split("?")[0] || "#/"}${text ? `?${text}` : ""}`);
  window.dispatchEvent(new HashChangeEvent("hashchange"));
}
