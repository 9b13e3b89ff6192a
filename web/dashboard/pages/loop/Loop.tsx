import { Card } from "../../parts/Card";
import { Loaded } from "../../parts/Loaded";
import { Cycle } from "./Cycle";
import { NextPromotion } from "./NextPromotion";
import { Pace } from "./Pace";
import { readLoop } from "./readLoop";
import { stationsOf } from "./stations";
import { usePaces } from "./usePaces";
import { usePoll } from "../../state/usePoll";

const kEvery = 5000;

export function Loop() {
  const loop = usePoll(readLoop, [], kEvery);
  const paces = usePaces(loop.value);
  return (
    <Loaded of={loop}>
      {(value) => (
        <>
          <NextPromotion loop={value} />
          <Cycle stations={stationsOf(value, paces)} champion={value.champion} />
          <Card title="Pace" note="Events a second, seen since this page was opened">
            <Pace paces={paces} />
          </Card>
        </>
      )}
    </Loaded>
  );
}
