import { Anchor, Modal, Skeleton } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense } from "react";

import { releaseParityQuery } from "@/client/queries/releases";
import type { Release } from "@/client/types";
import { ProblemAlert } from "@/components/problem/ProblemAlert";

import classes from "./ServedPage.module.css";

const VERDICTS: Record<Release["parity_verdict"], string> = {
  equal: "token for token as trained",
  mended: "as trained, with the trained template in the place of the engine's own",
};

/** How it was proven that a release is what was trained; the comparison opens in a dialog, at an address of its own. */
export function Proof({ release }: { release: Release }) {
  const { parity } = useSearch({ from: "/release/$name" });
  const navigate = useNavigate({ from: "/release/$name" });
  return (
    <>
      <span className={classes.proof}>
        <IconCircleCheck size={16} aria-hidden className={classes.proofIcon} />
        <span>{VERDICTS[release.parity_verdict]}</span>
      </span>{" "}
      <Anchor
        component="button"
        type="button"
        aria-label={`Compare, release ${release.number}`}
        onClick={() => void navigate({ search: { parity: release.number } })}
      >
        Compare
      </Anchor>
      {parity === release.number && <Report release={release} close={() => void navigate({ search: {} })} />}
    </>
  );
}

const ParityView = lazy(async () => ({ default: (await import("@/components/parity/ParityView")).ParityView }));

function Report({ release, close }: { release: Release; close: () => void }) {
  const { cell } = useSearch({ from: "/release/$name" });
  const navigate = useNavigate({ from: "/release/$name" });
  const { data, error, refetch } = useQuery(releaseParityQuery(release.name, release.number));
  return (
    <Modal
      opened
      onClose={close}
      size="min(1200px, 96vw)"
      title={`Release ${release.number} of ${release.name} against what was trained`}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {error ? (
        <ProblemAlert error={error} retry={() => void refetch()} />
      ) : data ? (
        <Suspense fallback={<Skeleton height={200} />}>
          <ParityView
            reports={[data]}
            cell={cell}
            onCell={(next) => void navigate({ search: { parity: release.number, cell: next }, replace: true })}
          />
        </Suspense>
      ) : (
        <Skeleton height={200} />
      )}
    </Modal>
  );
}
