import type { ExperimentReport } from "../../api/types";
import { count, errorNamed, number, percent } from "../../text/format";

type Found = NonNullable<ExperimentReport["interleaving"]>;

// Which arm the picks of lists of both are more for, list by list and person by person.
export function Preferred({ found }: { found: Found }) {
  const { arms, ties, merged, sign_test_p, preferred } = found;
  const lists = arms.reduce((sum, arm) => sum + arm.wins, ties);
  const share = (part: number) => (lists > 0 ? percent(part / lists, 0) : "–");
  const alone = lists - merged;
  return (
    <>
      <h3 class="apart">Preference <span class="quiet-text">{preferred === null ? "neither arm is surely preferred yet" : `${preferred} is preferred`}</span></h3>
      <div class="scroll" tabIndex={0} role="region" aria-label="Lists that each arm won">
        <table>
          <caption class="hidden">Lists of both arms: whose picks are more</caption>
          <thead>
            <tr>
              <th scope="col">Arm</th><th scope="col" class="num">Lists won</th><th scope="col" class="num">Share</th>
              <th scope="col" class="num">People for it</th><th scope="col" class="num">Credit</th>
            </tr>
          </thead>
          <tbody>
            {arms.map((arm) => (
              <tr key={arm.arm}>
                <th scope="row">{arm.arm}</th>
                <td class="num">{count(arm.wins)}</td>
                <td class="num">{share(arm.wins)}</td>
                <td class="num">{count(arm.people)}</td>
                <td class="num">{number(arm.credit)}</td>
              </tr>
            ))}
            <tr>
              <th scope="row" class="quiet-text">neither</th>
              <td class="num">{count(ties)}</td>
              <td class="num">{share(ties)}</td>
              <td class="num quiet-text">–</td>
              <td class="num quiet-text">–</td>
            </tr>
          </tbody>
        </table>
      </div>
      <p class="note apart">
        Sign test over people at this one moment: {errorNamed(sign_test_p)}. What holds at every look stands below.
        {alone > 0 && ` One model alone made ${count(alone)} of the lists.`}
      </p>
    </>
  );
}
