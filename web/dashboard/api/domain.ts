import { get } from "./client";
import type { HistoryMeaning } from "./types";

// A JSON schema as the domain file makes it: objects of numbers, texts, words, dates, flags, lists and places.
export interface Schema {
  type?: string | string[];
  "x-rankloop-noun"?: string; // what people call it
  description?: string;
  format?: string;
  enum?: string[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  $ref?: string;
}

interface Operation {
  parameters?: { name: string; schema: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>;
}

interface Description {
  info: { title: string; version: string; description?: string };
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

// What the pages need to know of the domain; nothing in them names a field of it.
export interface Domain {
  title: string;
  itemName: string;  // "Place to stay"
  itemId: string;    // the field that holds an item's id
  itemPath: string;  // where the catalog is listed
  item: Schema;      // what POST /items takes
  orders: string[];  // that GET /items:search can put items in
  userName: string;
  userId: string;
  userPath: string;  // "/content/user", before the id
  userList: string;  // "/content/users": those who asked
  request: Schema;   // what POST /inference/start takes
  person: Schema;    // what PATCH /persons/{user_key} takes; without properties where nothing is stored of people
  training: Schema;  // what POST /train/start takes
}

// The paths below /content/ that every domain has; the others are its item's and its request's.
const kOfAll = ["/content/info", "/content/results", "/content/result/{result_id}"];

function read(description: Description): Domain {
  const schemas = description.components.schemas;
  const resolve = (schema: Schema): Schema => schema.$ref ? schemas[schema.$ref.split("/").pop()!] : schema;
  const bodyOf = (path: string, method = "post") =>
    resolve(description.paths[path][method].requestBody!.content["application/json"].schema);
  const answerOf = (path: string, method: string, status: string) =>
    description.paths[path]?.[method]?.responses[status]?.content?.["application/json"]?.schema ?? {};
  const itemRef = answerOf("/items", "post", "201").$ref;
  const contents = Object.keys(description.paths).filter((path) => path.startsWith("/content/") && !kOfAll.includes(path));
  const itemPath = contents.find((path) => answerOf(path, "get", "200").items?.$ref === itemRef)!;
  const itemId = Object.keys(schemas.LabelData.properties!).find((name) => name !== "task_id")!;
  const request = bodyOf("/inference/start");
  const userPath = contents.find((path) => path.includes("{") && answerOf(path, "get", "200").$ref !== itemRef)!;
  return {
    title: description.info.title.replace(/^rankloop: /, ""),
    itemName: resolve({ $ref: itemRef })["x-rankloop-noun"] ?? "Item",
    itemId, itemPath, item: bodyOf("/items"),
    orders: description.paths["/items:search"].get.parameters?.find(({ name }) => name === "sort")?.schema.enum ?? ["id"],
    userName: request["x-rankloop-noun"] ?? "Request",
    userId: /\{(.+)\}/.exec(userPath)![1],
    userPath: userPath.replace(/\/\{.+$/, ""),
    userList: contents.find((path) => !path.includes("{") && path !== itemPath)!,
    request,
    person: bodyOf("/persons/{user_key}", "patch"),
    training: bodyOf("/train/start"),
  };
}

let known: Promise<Domain> | undefined;

// Kept until the domain is changed: one server has one domain.
export function domain(): Promise<Domain> {
  known ??= get<Description>("/openapi.json").then(read).catch((error) => {
    known = undefined;
    throw error;
  });
  return known;
}

let meanings: Promise<Map<string, HistoryMeaning>> | undefined;

// What the domain's histories mean, by name; kept likewise.
export function histories(): Promise<Map<string, HistoryMeaning>> {
  meanings ??= get<HistoryMeaning[]>("/histories").then((all) => new Map(all.map((one) => [one.name, one]))).catch((error) => {
    meanings = undefined;
    throw error;
  });
  return meanings;
}

// The domain was changed: it is read anew.
export function forgetDomain(): void {
  known = undefined;
  meanings = undefined;
}
