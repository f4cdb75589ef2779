import { asked, problem, serve } from "@/components/testing/server";

import { useQuery } from "@tanstack/react-query";
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";

import { datasetsQuery } from "@/client/queries/lists";
import { releasePlanQuery } from "@/client/queries/releases";
import type { Standing } from "@/client/stream/connection";
import { show } from "@/components/testing/show";

import { FromBefore } from "./FromBefore";

const link = vi.hoisted<{ now: { standing: Standing; since: number } }>(() => ({ now: { standing: "open", since: 0 } }));
vi.mock("@/client/stream/connect", () => ({
  streams: () => ({ standing: () => link.now, subscribeStanding: () => () => undefined }),
}));

const broken = (status: number) => problem(status, "An error of ours", { remedy: "Try later." });
const NOTICE = /what was known before/;

function List() {
  const { data } = useQuery(datasetsQuery);
  return <p>{data ? `${data.datasets.length} sets` : "nothing"}</p>;
}

function known(standing: Standing = "open") {
  link.now = { standing, since: 0 };
  return show(
    <>
      <FromBefore />
      <List />
    </>,
    "/",
    (cache) => cache.setQueryData(datasetsQuery.queryKey, { datasets: [], roots: [] } as never),
  ).cache;
}

it("is silent while all that is shown is new, and says so when asking again failed, until it has come", async () => {
  const cache = known();
  await screen.findByText("0 sets");
  expect(screen.queryByText(NOTICE)).toBeNull();
  serve({ "GET /api/datasets": broken(500) });
  await cache.refetchQueries();
  expect(await screen.findByText(NOTICE)).toBeTruthy();
  expect(screen.getByText("An error of ours")).toBeTruthy();
  expect(screen.getByText("0 sets")).toBeTruthy();
  serve({ "GET /api/datasets": { datasets: [{}] } });
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  await waitFor(() => expect(screen.queryByText(NOTICE)).toBeNull());
  expect(screen.getByText("1 sets")).toBeTruthy();
  expect(asked).toHaveLength(1);
});

it("is silent again when the stream of events has brought what failed", async () => {
  const cache = known();
  await screen.findByText("0 sets");
  serve({ "GET /api/datasets": broken(500) });
  await cache.refetchQueries();
  await screen.findByText(NOTICE);
  cache.setQueryData(datasetsQuery.queryKey, { datasets: [{}, {}] } as never);
  await waitFor(() => expect(screen.queryByText(NOTICE)).toBeNull());
  expect(screen.getByText("2 sets")).toBeTruthy();
});

it.each([404, 422, 503])("leaves an answer of %d to who asked", async (status) => {
  const cache = known();
  await screen.findByText("0 sets");
  serve({ "GET /api/datasets": broken(status) });
  await cache.refetchQueries();
  expect(cache.getQueryState(datasetsQuery.queryKey)?.error).toBeTruthy();
  expect(screen.queryByText(NOTICE)).toBeNull();
});

it("leaves it to the banner while Tunesmith is away", async () => {
  const cache = known("away");
  await screen.findByText("0 sets");
  serve({ "GET /api/datasets": broken(500) });
  await cache.refetchQueries();
  expect(cache.getQueryState(datasetsQuery.queryKey)?.error).toBeTruthy();
  expect(screen.queryByText(NOTICE)).toBeNull();
});

it("a plan says itself that it can't be made anew", () => {
  expect(releasePlanQuery(null).meta?.saysItself).toBe(true);
});
