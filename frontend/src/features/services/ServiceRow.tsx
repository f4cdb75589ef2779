import { Table } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { serviceHistoryQuery } from "@/client/queries/history";
import type { Service } from "@/client/types";
import { Sparkline } from "@/components/load/Sparkline";
import { ServingBadge } from "@/components/state/State";
import { Time } from "@/components/Time";
import { Words } from "@/components/Words";
import { bytes, duration, percent, plural, UNKNOWN } from "@/lib/format";
import { useNow } from "@/lib/useNow";

import { ServiceActions } from "./ServiceActions";
import { ServiceLinks } from "./ServiceLinks";
import classes from "./Services.module.css";
import { useServiceAction } from "./useServiceAction";

interface Props {
  service: Service;
  withGpu: boolean;
  /** Its log is open. */
  open: boolean;
  onLog: (name: string | undefined) => void;
}

export function ServiceRow({ service, withGpu, open, onLog }: Props) {
  const acting = useServiceAction(service);
  const absent = service.state === "absent";
  return (
    <>
      <Table.Tr data-open={open || undefined} className={classes.row}>
        <Table.Td className={classes.name}>
          <strong>{service.title || service.name}</strong>
          <span className={classes.dim}>{service.purpose}</span>
        </Table.Td>
        <Table.Td data-label="State">
          <ServingBadge state={acting.pending ? "starting" : service.state} word={acting.pending ?? undefined} />
          <Health service={service} />
        </Table.Td>
        {absent ? (
          <Table.Td colSpan={withGpu ? 5 : 4} className={classes.absent}>
            <Words text={service.detail} />
          </Table.Td>
        ) : (
          <Figures service={service} withGpu={withGpu} />
        )}
        <Table.Td className={classes.actions}>
          <div>
            <ServiceLinks service={service} open={open} onLog={onLog} />
            <ServiceActions service={service} acting={acting} />
          </div>
        </Table.Td>
      </Table.Tr>
      {!absent && service.detail && (
        <Table.Tr data-more className={classes.detail}>
          <Table.Td colSpan={withGpu ? 8 : 7}>
            <Words text={service.detail} />
          </Table.Td>
        </Table.Tr>
      )}
    </>
  );
}

/** Percent that are one core. */
const CORE = 100;

function Health({ service }: { service: Service }) {
  return (
    <span className={classes.dim}>
      {service.unseen_since ? (
        <>
          last seen <Time at={service.unseen_since} />
        </>
      ) : service.health === "unhealthy" ? (
        "its check fails"
      ) : service.health === "starting" ? (
        "being checked"
      ) : service.health === "healthy" ? (
        "healthy"
      ) : null}
    </span>
  );
}

function Figures({ service, withGpu }: { service: Service; withGpu: boolean }) {
  const { data: samples } = useQuery(serviceHistoryQuery(service.name));
  const what = service.title || service.name;
  const limit = service.memory_limit_bytes;
  return (
    <>
      <Table.Td className="figures" data-label="Up for">
        <UpFor service={service} />
        {service.restarts > 0 && <span className={classes.dim}>{plural(service.restarts, "restart")}</span>}
      </Table.Td>
      <Table.Td className={classes.load} data-label="CPU">
        <span className="figures">{percent(service.cpu_percent)}</span>
        <Sparkline samples={samples} name="cpu_percent" what={`CPU of ${what}`} say={percent} floor={CORE} />
      </Table.Td>
      <Table.Td className={classes.load} data-label="Memory">
        <span className="figures" title={limit ? `of at most ${bytes(limit)}` : undefined}>
          {bytes(service.memory_bytes)}
        </span>
        <Sparkline samples={samples} name="memory_bytes" what={`Memory of ${what}`} say={bytes} />
      </Table.Td>
      {withGpu && (
        <Table.Td className="figures" data-label="GPU memory">
          {bytes(service.gpu_memory_bytes)}
        </Table.Td>
      )}
      <Table.Td className={classes.version} data-label="Version" title={service.image || undefined}>
        {service.version || UNKNOWN}
      </Table.Td>
    </>
  );
}

/** Counted on from when it started; "–" for what doesn't run. */
function UpFor({ service }: { service: Service }) {
  const now = useNow();
  if (!service.since || service.unseen_since) return <>{UNKNOWN}</>;
  return (
    <span title={new Date(service.since).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" })}>
      {duration(Math.max(0, (now - Date.parse(service.since)) / 1000))}
    </span>
  );
}
