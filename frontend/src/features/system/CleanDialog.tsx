import { Button, Modal, Skeleton } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { diskUseQuery, leftoversQuery, removeLeftovers } from "@/client/queries/disk";
import type { components } from "@/client/schema";
import { ProblemAlert } from "@/components/problem/ProblemAlert";
import { bytes, plural } from "@/lib/format";

import classes from "./System.module.css";

type Cleaning = components["schemas"]["Cleaning"];

/** What nobody needs any more: shown first, removed when asked. */
export function CleanDialog({ close }: { close: () => void }) {
  const cache = useQueryClient();
  const { data, error, refetch } = useQuery(leftoversQuery);
  const removing = useMutation({
    mutationFn: removeLeftovers,
    onSettled: () => cache.invalidateQueries({ queryKey: diskUseQuery.queryKey.slice(0, 1) }),
  });
  return (
    <Modal opened onClose={close} title="Clean up" size="lg" closeButtonProps={{ "aria-label": "Close" }}>
      {removing.data ? (
        <Done cleaning={removing.data} close={close} />
      ) : (
        <>
          {!data && (error ? <ProblemAlert error={error} retry={() => void refetch()} /> : <Skeleton height={120} />)}
          {data && <Leftovers found={data} close={close} remove={() => removing.mutate()} busy={removing.isPending} />}
          {removing.error && <ProblemAlert error={removing.error} retry={() => removing.mutate()} />}
        </>
      )}
    </Modal>
  );
}

function Leftovers({ found, remove, close, busy }: { found: Cleaning; remove: () => void; close: () => void; busy: boolean }) {
  if (found.items.length === 0) {
    return (
      <>
        <p>
          Nothing can go: there is no unfinished output of jobs that are over, no folder of an old job beyond those that are
          kept, and no toolbox of an earlier version. Models and data sets are deleted on their own pages.
        </p>
        <div className={classes.choice}>
          <Button variant="default" onClick={close} data-autofocus>
            Close
          </Button>
        </div>
      </>
    );
  }
  return (
    <>
      <p>
        {plural(found.items.length, "leftover")} can go, {bytes(found.bytes)} in all. No model, run or data set of yours is
        among them.
      </p>
      <div className={classes.leftovers} role="region" tabIndex={0} aria-label="What would be removed">
        <ul>
          {found.items.map((each) => (
            <li key={each.path}>
              <span>
                <code className={classes.path}>{each.path}</code>
                <span className={classes.dim}> {each.reason}</span>
              </span>
              <span className={classes.size}>{bytes(each.bytes)}</span>
            </li>
          ))}
        </ul>
      </div>
      <div className={classes.choice}>
        <Button variant="default" onClick={close} data-autofocus>
          Keep them
        </Button>
        <Button onClick={remove} loading={busy}>
          Remove {bytes(found.bytes)}
        </Button>
      </div>
    </>
  );
}

function Done({ cleaning, close }: { cleaning: Cleaning; close: () => void }) {
  return (
    <>
      <p role="status">
        {plural(cleaning.items.length, "leftover")} removed, {bytes(cleaning.bytes)} freed.
      </p>
      {cleaning.failed.length > 0 && (
        <>
          <p>These couldn’t be removed:</p>
          <ul>
            {cleaning.failed.map((each) => (
              <li key={each} className={classes.path}>
                {each}
              </li>
            ))}
          </ul>
        </>
      )}
      <div className={classes.choice}>
        <Button onClick={close}>Close</Button>
      </div>
    </>
  );
}
