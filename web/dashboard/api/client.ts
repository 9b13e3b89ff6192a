import { connection, report } from "../state/connection";

// What went wrong with a request. `status` is 0 when no answer came.
export class ApiError extends Error {
  constructor(readonly status: number, message: string) {
    super(message);
  }
}

const kToken = "rankloop.token";
const kDeadline = 15_000;  // ms until the answer begins

export function token(): string {
  return sessionStorage.getItem(kToken) ?? "";
}

export function keepToken(given: string): void {
  sessionStorage.setItem(kToken, given);
  report("good");
}

// An item's id, or what else, as one segment of a path.
export function inPath(id: unknown): string {
  return encodeURIComponent(String(id));
}

interface FieldFault {
  loc: (string | number)[];
  msg: string;
}

function textOf(detail: unknown): string {
  if (typeof detail === "string") return detail;
  if (!Array.isArray(detail)) return "";
  return (detail as FieldFault[]).map((fault) => `${fault.loc.slice(1).join(" ") || "request"}: ${fault.msg}`).join("; ");
}

async function faultOf(answer: Response): Promise<ApiError> {
  const body = await answer.json().catch(() => null);
  return new ApiError(answer.status, textOf(body?.detail) || `The server answered ${answer.status}`);
}

export interface Options extends RequestInit {
  headers?: Record<string, string>;
  deadline?: number;  // ms until the answer begins; 0: none, for uploads
  bearer?: string;    // instead of the token that is kept
}

// An answer of any status. Throws ApiError of status 0 when there is none in time, AbortError after an abort.
async function answerTo(path: string, { deadline = kDeadline, bearer = token(), ...options }: Options): Promise<Response> {
  const abort = new AbortController();
  const given = options.signal;
  given?.addEventListener("abort", () => abort.abort());
  if (given?.aborted) abort.abort();
  const timer = deadline > 0 ? window.setTimeout(() => abort.abort(), deadline) : 0;
  const headers = { Accept: "application/json", ...(bearer ? { Authorization: `Bearer ${bearer}` } : {}), ...options.headers };
  try {
    return await fetch(path, { cache: "no-store", ...options, headers, signal: abort.signal });
  } catch (error) {
    if (given?.aborted) throw error;
    report("lost");
    throw new ApiError(0, "The server does not answer");
  } finally {
    window.clearTimeout(timer);
  }
}

// Throws ApiError for every answer but 2xx.
export async function request(path: string, options: Options = {}): Promise<Response> {
  const answer = await answerTo(path, options);
  // Health is answered without a token, so it does not say that there is a good one.
  if (answer.status === 401) report("unauthorised");
  else if (connection() !== "unauthorised" || !path.startsWith("/health/")) report("good");
  if (!answer.ok) throw await faultOf(answer);
  return answer;
}

// Why a token is not taken; empty when it is.
export async function refusalOf(given: string): Promise<string> {
  const answer = await answerTo("/system", { bearer: given });
  if (answer.ok) return "";
  return answer.status === 401 ? "The server does not know this token." : (await faultOf(answer)).message;
}

export async function get<T>(path: string, options: Options = {}): Promise<T> {
  return (await request(path, options)).json();
}

// The rows, and how many there are in all where the server says so.
export async function getPage<T>(path: string): Promise<{ rows: T[]; total: number }> {
  const answer = await request(path);
  const rows: T[] = await answer.json();
  return { rows, total: Number(answer.headers.get("X-Total-Count") ?? rows.length) };
}

export async function send<T>(method: "POST" | "PUT" | "PATCH" | "DELETE", path: string, body?: unknown): Promise<T> {
  const answer = await request(path, body === undefined ? { method } : {
    method, body: JSON.stringify(body), headers: { "Content-Type": "application/json" },
  });
  return answer.status === 204 ? (undefined as T) : answer.json();
}
