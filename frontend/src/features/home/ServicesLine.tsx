import { Skeleton } from "@mantine/core";
import { IconChevronDown, IconExternalLink } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useId, useState } from "react";

import { servicesQuery } from "@/client/queries/lists";
import type { Service } from "@/client/types";
import { ProblemAlert } from "@/components/problem/ProblemAlert";
import { ServicesUnseen } from "@/components/services/ServicesUnseen";
import { ServingBadge, servingWord } from "@/components/state/State";
import { Words } from "@/components/Words";
import { webAddress } from "@/lib/address";

import classes from "./Home.module.css";

/** All services as one line; it opens to what each says of itself. */
export function ServicesLine() {
  const { data, error, refetch } = useQuery(servicesQuery);
  const [open, setOpen] = useState(false);
  const id = useId();
  if (!data) return error ? <ProblemAlert error={error} retry={() => void refetch()} /> : <Skeleton height={42} />;
  return (
    <>
      <ServicesUnseen source={data.source} />
      <div className={classes.services}>
        <button type="button" className={classes.line} aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
          <span className="spoken">Services: </span>
          {data.services.map((each) => (
            <span key={each.name} className={classes.dot}>
              <ServingBadge state={each.state} word={each.title || each.name} />
              <span className="spoken">{servingWord(each.state)}, </span>
            </span>
          ))}
          <IconChevronDown size={18} aria-hidden className={classes.chevron} data-open={open || undefined} />
        </button>
        <ul id={id} className={classes.opened} hidden={!open}>
          {data.services.map((each) => (
            <OneService key={each.name} service={each} />
          ))}
          <li className={classes.all}>
            <Link to="/services">All about the services</Link>
          </li>
        </ul>
      </div>
    </>
  );
}

function OneService({ service }: { service: Service }) {
  const page = webAddress(service.page);
  return (
    <li className={classes.service}>
      <span className={classes.serviceName}>
        <ServingBadge state={service.state} />
        <strong>{service.title || service.name}</strong>
      </span>
      <span className={classes.serviceWords}>{service.detail ? <Words text={service.detail} /> : service.purpose}</span>
      {page && (
        <a href={page} target="_blank" rel="noreferrer" className={classes.open}>
          Open<span className="spoken"> {service.title}, in a new tab</span>
          <IconExternalLink size={14} aria-hidden />
        </a>
      )}
    </li>
  );
}
