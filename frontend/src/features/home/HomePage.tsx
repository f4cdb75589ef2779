import { Page, Section } from "@/components/page/Page";

import { Meters } from "./Meters";
import { ServicesLine } from "./ServicesLine";
import { Stations } from "./Stations";
import { VerdictLine } from "./VerdictLine";
import { WhatRuns } from "./WhatRuns";

/** Is all well, what runs, what next. */
export function HomePage() {
  return (
    <Page title="Home" lead={<VerdictLine />}>
      <Section title="Is all well?">
        <ServicesLine />
        <Meters />
      </Section>
      <WhatRuns />
      <Stations />
    </Page>
  );
}
