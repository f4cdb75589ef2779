import { useNavigate, useSearch } from "@tanstack/react-router";
import { useQuery } from "@tanstack/react-query";

import { servicesQuery } from "@/client/queries/lists";
import { Page, Section } from "@/components/page/Page";
import { ServicesUnseen } from "@/components/services/ServicesUnseen";

import { EnginesTable } from "./EnginesTable";
import { LogPanel } from "./LogPanel";
import type { ServicesSearch } from "./search";
import classes from "./Services.module.css";
import { ServicesTable } from "./ServicesTable";

/** The tools: how each is, its load, its own page, its log below. */
export function ServicesPage() {
  const search: ServicesSearch = useSearch({ from: "/services" });
  const navigate = useNavigate({ from: "/services" });
  const { data } = useQuery(servicesQuery);
  const open = (log: Pick<ServicesSearch, "log" | "engine">) => void navigate({ search: log, replace: true });
  const isOpen = Boolean(search.log ?? search.engine);
  return (
    <Page title="Services" lead="What the work stands on: each tool with its own page, its load and its log." full={isOpen}>
      <div className={classes.upper} data-split={isOpen || undefined}>
        {data && <ServicesUnseen source={data.source} />}
        <ServicesTable log={search.log} onLog={(log) => open({ log })} />
        <Section title="Engines" aside="What answers for each model that can be talked to">
          <EnginesTable log={search.engine} onLog={(engine) => open({ engine })} />
        </Section>
      </div>
      {isOpen && (
        <LogPanel
          search={search}
          onFind={(find) => void navigate({ search: (before) => ({ ...before, find }), replace: true })}
          onClose={() => open({})}
        />
      )}
    </Page>
  );
}
