import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";

import { Frame } from "./frame/Frame";
import { BrokenPage, LostPage } from "./frame/Fallbacks";
import { queryClient } from "./queryClient";
import { chatSearch } from "@/features/chat/search";
import { HomePage } from "@/features/home/HomePage";
import { askForHome } from "@/features/home/questions";
import { jobSearch, jobsSearch } from "@/features/jobs/search";
import { modelsSearch } from "@/features/models/search";
import { releaseSearch, servedSearch } from "@/features/release/search";
import { newRunSearch, runsSearch } from "@/features/runs/search";
import { servicesSearch } from "@/features/services/search";
import { systemSearch } from "@/features/system/search";
import { dataSearch, datasetSearch } from "@/features/data/search";
import { parseSearch, stringifySearch } from "@/lib/search";

/** Where a page stands: the words of the top bar, from the outside in. */
declare module "@tanstack/react-router" {
  interface StaticDataRouteOption {
    crumbs?: (params: Record<string, string>) => { label: string; to?: string }[];
  }
}

const rootRoute = createRootRoute({ component: Frame, notFoundComponent: LostPage, errorComponent: BrokenPage });

/** Most visits begin here: its code is a part of the start. */
const home = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  component: HomePage,
  loader: () => askForHome(queryClient),
  staticData: { crumbs: () => [{ label: "Home" }] },
});

const data = createRoute({
  getParentRoute: () => rootRoute,
  path: "/data",
  validateSearch: dataSearch,
  component: lazyRouteComponent(() => import("@/features/data/DataPage"), "DataPage"),
  staticData: { crumbs: () => [{ label: "Data" }] },
});

const dataset = createRoute({
  getParentRoute: () => rootRoute,
  path: "/data/$name",
  validateSearch: datasetSearch,
  component: lazyRouteComponent(() => import("@/features/data/DatasetPage"), "DatasetPage"),
  staticData: { crumbs: ({ name }) => [{ label: "Data", to: "/data" }, { label: name ?? "" }] },
});

const runs = createRoute({
  getParentRoute: () => rootRoute,
  path: "/runs",
  validateSearch: runsSearch,
  component: lazyRouteComponent(() => import("@/features/runs/RunsPage"), "RunsPage"),
  staticData: { crumbs: () => [{ label: "Runs" }] },
});

const newRun = createRoute({
  getParentRoute: () => rootRoute,
  path: "/train",
  validateSearch: newRunSearch,
  component: lazyRouteComponent(() => import("@/features/runs/TrainPage"), "TrainPage"),
  staticData: { crumbs: () => [{ label: "Runs", to: "/runs" }, { label: "Train" }] },
});

/** Without a name it is the list's address, which the router would take for this one. */
const named = { parse: (params: { _splat?: string }) => (params._splat ? params : (false as const)) };

/** Names of runs made in LlamaBoard have slashes. */
const run = createRoute({
  getParentRoute: () => rootRoute,
  path: "/runs/$",
  params: named,
  validateSearch: runsSearch,
  component: lazyRouteComponent(() => import("@/features/runs/RunPage"), "RunPage"),
  staticData: { crumbs: ({ _splat }) => [{ label: "Runs", to: "/runs" }, { label: _splat ?? "" }] },
});

const models = createRoute({
  getParentRoute: () => rootRoute,
  path: "/models",
  validateSearch: modelsSearch,
  component: lazyRouteComponent(() => import("@/features/models/ModelsPage"), "ModelsPage"),
  staticData: { crumbs: () => [{ label: "Models" }] },
});

/** An artifact by its id, a path relative to home. */
const artifact = createRoute({
  getParentRoute: () => rootRoute,
  path: "/models/$",
  params: named,
  component: lazyRouteComponent(() => import("@/features/models/ArtifactPage"), "ArtifactPage"),
  staticData: { crumbs: ({ _splat }) => [{ label: "Models", to: "/models" }, { label: _splat ?? "" }] },
});

const release = createRoute({
  getParentRoute: () => rootRoute,
  path: "/release",
  validateSearch: releaseSearch,
  component: lazyRouteComponent(() => import("@/features/release/ReleasePage"), "ReleasePage"),
  staticData: { crumbs: () => [{ label: "Release" }] },
});

const served = createRoute({
  getParentRoute: () => rootRoute,
  path: "/release/$name",
  validateSearch: servedSearch,
  component: lazyRouteComponent(() => import("@/features/release/ServedPage"), "ServedPage"),
  staticData: { crumbs: ({ name }) => [{ label: "Release", to: "/release" }, { label: name ?? "" }] },
});

const chat = createRoute({
  getParentRoute: () => rootRoute,
  path: "/chat",
  validateSearch: chatSearch,
  component: lazyRouteComponent(() => import("@/features/chat/ChatPage"), "ChatPage"),
  staticData: { crumbs: () => [{ label: "Chat" }] },
});

const jobs = createRoute({
  getParentRoute: () => rootRoute,
  path: "/jobs",
  validateSearch: jobsSearch,
  component: lazyRouteComponent(() => import("@/features/jobs/JobsPage"), "JobsPage"),
  staticData: { crumbs: () => [{ label: "Jobs" }] },
});

const job = createRoute({
  getParentRoute: () => rootRoute,
  path: "/jobs/$id",
  validateSearch: jobSearch,
  component: lazyRouteComponent(() => import("@/features/jobs/JobPage"), "JobPage"),
  staticData: { crumbs: ({ id }) => [{ label: "Jobs", to: "/jobs" }, { label: id ?? "" }] },
});

const services = createRoute({
  getParentRoute: () => rootRoute,
  path: "/services",
  validateSearch: servicesSearch,
  component: lazyRouteComponent(() => import("@/features/services/ServicesPage"), "ServicesPage"),
  staticData: { crumbs: () => [{ label: "Services" }] },
});

const system = createRoute({
  getParentRoute: () => rootRoute,
  path: "/system",
  validateSearch: systemSearch,
  component: lazyRouteComponent(() => import("@/features/system/SystemPage"), "SystemPage"),
  staticData: { crumbs: () => [{ label: "System" }] },
});

const routeTree = rootRoute.addChildren([
  home,
  data,
  dataset,
  runs,
  newRun,
  run,
  models,
  artifact,
  release,
  served,
  chat,
  jobs,
  job,
  services,
  system,
]);

export const router = createRouter({
  routeTree,
  defaultPreload: "intent",
  defaultPendingMs: 400,
  scrollRestoration: true,
  parseSearch,
  stringifySearch,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
