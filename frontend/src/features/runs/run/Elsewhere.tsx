import { IconExternalLink } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { servicesQuery } from "@/client/queries/lists";

import classes from "./Elsewhere.module.css";
import { tensorboardPage } from "./tensorboard";

/** Where a run's curves can be seen besides: beside those of other runs, and in TensorBoard. */
export function Elsewhere({ name }: { name: string }) {
  const { data } = useQuery(servicesQuery);
  const page = tensorboardPage(data?.services.find((service) => service.name === "tensorboard"), name);
  return (
    <span className={classes.links}>
      <Link to="/runs" search={{ show: [name] }}>
        Compare with other runs
      </Link>
      {page ? (
        <a href={page} target="_blank" rel="noopener" className={classes.out}>
          Open in TensorBoard <IconExternalLink size={14} aria-hidden />
        </a>
      ) : (
        data && (
          <Link to="/services" title="It isn’t running">
            Start TensorBoard in Services
          </Link>
        )
      )}
    </span>
  );
}
