import { Card } from "../../parts/Card";
import { Figures } from "./Figures";
import { Health } from "./Health";
import { Program } from "./Program";

const kLinks = [
  ["/docs", "Try the API", "every route, with a form"],
  ["/redoc", "Read the API", "the same, to read"],
  ["/openapi.json", "OpenAPI", "the same, for programs"],
  ["/metrics", "Metrics", "Prometheus text format"],
];

export function System() {
  return (
    <>
      <div class="columns">
        <Card title="Health"><Health /></Card>
        <Card title="Program"><Program /></Card>
      </div>
      <Card title="Figures of note" note="From /metrics, since the server started"><Figures /></Card>
      <Card title="More">
        <ul class="tiles">
          {kLinks.map(([href, title, note]) => <li key={href}><a href={href}>{title}<small>{note}</small></a></li>)}
        </ul>
      </Card>
    </>
  );
}
