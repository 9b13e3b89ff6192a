// The start page: what the server says of itself, and a first request made from the API description.

async function ask(path) {
  const answer = await fetch(path, { headers: { Accept: "application/json" } });
  if (answer.status === 401) throw new Error("The server runs and asks for a token.");
  if (!answer.ok) throw new Error(`The server runs, but ${path} answers ${answer.status}.`);
  return answer.json();
}

function showState(text, kind) {
  const state = document.getElementById("state");
  state.textContent = text;
  state.className = `state ${kind}`;
}

function showFacts(facts) {
  const list = document.getElementById("facts");
  for (const [name, value] of Object.entries(facts)) {
    const pair = document.createElement("div");
    const term = document.createElement("dt");
    const description = document.createElement("dd");
    term.textContent = name;
    description.textContent = typeof value === "number" ? value.toLocaleString("en") : value;
    pair.append(term, description);
    list.append(pair);
  }
  list.hidden = false;
}

// A value that a field accepts.
function sampleOf(schema) {
  if (schema.default !== undefined) return schema.default;
  if (schema.type === "boolean") return false;
  if (schema.type === "array") return Array.from({ length: schema.minItems ?? 0 }, () => sampleOf(schema.items));
  if (schema.type !== "string") return Math.max(schema.minimum ?? 1, Math.min(1, schema.maximum ?? 1));
  const today = new Date().toISOString();
  if (schema.format === "date") return today.slice(0, 10);
  if (schema.format === "date-time") return today;
  // The description's minimum is in characters, of which the longest have four of the bytes that count.
  return "text".padEnd(4 * (schema.minLength ?? 0), "t").slice(0, schema.maxLength);
}

function showExample(api) {
  const start = api.paths["/inference/start"]?.post;
  const name = start?.requestBody.content["application/json"].schema.$ref?.split("/").pop();
  const schema = api.components.schemas[name];
  if (!schema) return;
  const body = {};
  for (const field of schema.required) body[field] = sampleOf(schema.properties[field]);
  document.getElementById("example").textContent =
    `curl '${location.origin}/inference/start?wait=2s' \\\n` +
    `  -H 'Content-Type: application/json' \\\n  -d '${JSON.stringify(body, null, 1).replace(/\n\s*/g, " ")}'`;
  document.getElementById("first").hidden = false;
}

async function begin() {
  try {
    const [version, counts] = await Promise.all([ask("/version"), ask("/content/info")]);
    showState("The server is ready.", "good");
    showFacts({ version: version.version, store: version.store, queue: version.queue, domain: version.domain, ...counts });
  } catch (error) {
    showState(error instanceof TypeError ? "The server does not answer." : error.message, "bad");
  }
  try {
    showExample(await ask("/openapi.json"));
  } catch {
    // The page is of use without the example.
  }
}

begin();
