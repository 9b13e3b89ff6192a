import { get } from "../../api/client";
import type { SystemState } from "../../api/types";
import { Card } from "../../parts/Card";
import { FileLink } from "../../parts/FileLink";
import { Loaded } from "../../parts/Loaded";
import { usePoll } from "../../state/usePoll";
import { Figures } from "./Figures";
import { Health } from "./Health";
import { Process } from "./Process";
import { Program } from "./Program";
import { Settings } from "./Settings";

const kEvery = 15_000;

const kLinks = [
  ["/docs", "Try the API", "every route, with a form"],
  ["/redoc", "Read the API", "the same, to read"],
];
const kFiles = [
  ["/openapi.json", "OpenAPI", "the same, for programs"],
  ["/metrics", "Metrics", "Prometheus text format"],
];

export function System() {
  const system = usePoll(() => get<SystemState>("/system"), [], kEvery);
  return (
    <>
      <div class="columns even">
        <Card title="Health"><Health of={system} /></Card>
        <Card title="Program"><Program /></Card>
      </div>
      <Card title="Process and store" note="What this process uses of the machine, and what it stands on">
        <Loaded of={system} room={11.4}>{(value) => <Process system={value} />}</Loaded>
      </Card>
      <Card title="Figures of note" note="From /metrics, since the server started"><Figures /></Card>
      <Settings />
      <Card title="More">
        <ul class="tiles">
          {kLinks.map(([href, title, note]) => <li key={href}><a href={href}>{title}<small>{note}</small></a></li>)}
          {kFiles.map(([href, title, note]) => <li key={href}><FileLink path={href}>{title}<small>{note}</small></FileLink></li>)}
        </ul>
      </Card>
    </>
  );
}
