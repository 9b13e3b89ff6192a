import { get } from "../../api/client";
import type { Version } from "../../api/types";
import { Loaded } from "../../parts/Loaded";
import { Pairs } from "../../parts/Pairs";
import { usePoll } from "../../state/usePoll";

export function Program() {
  const version = usePoll(() => get<Version>("/version"), []);
  return <Loaded of={version} room={12.55}>{(value) => <Pairs fields={{ ...value }} />}</Loaded>;
}
