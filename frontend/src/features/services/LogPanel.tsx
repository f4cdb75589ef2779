import { CloseButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { servicesQuery } from "@/client/queries/lists";
import { LogView } from "@/components/log/LogView";

import type { ServicesSearch } from "./search";
import classes from "./Services.module.css";

interface Props {
  search: ServicesSearch;
  onFind: (find: string | undefined) => void;
  onClose: () => void;
}

/** The log of a service, or of the engine behind a served name, below the tables. */
export function LogPanel({ search, onFind, onClose }: Props) {
  const { data } = useQuery(servicesQuery);
  const { log, engine } = search;
  const name = log ?? engine ?? "";
  const title = data?.services.find((each) => each.name === log)?.title || name;
  const label = log ? `Log of ${title}` : `Log of the engine of ${name}`;
  return (
    <section className={classes.panel} aria-label={label}>
      <header className={classes.panelHead}>
        <h2>{label}</h2>
        <CloseButton onClick={onClose} aria-label="Close the log" />
      </header>
      <LogView key={label} source={{ of: "service", name, engine: !log }} label={label} find={search.find} onFind={onFind} />
    </section>
  );
}
