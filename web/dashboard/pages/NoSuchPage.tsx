import { NotFound } from "../parts/NotFound";

export function NoSuchPage({ path }: { path: string }) {
  return (
    <>
      <header class="page-head"><h1>Not found</h1></header>
      <NotFound what={`There is no page “${path}”.`}>The pages stand in the menu; the first of them is the <a href="#/">Loop</a>.</NotFound>
    </>
  );
}
