import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
  type RouterHistory,
} from "@tanstack/react-router";
import { cleanup, render } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach } from "vitest";

afterEach(cleanup);

export interface Shown {
  cache: QueryClient;
  history: RouterHistory;
}

/** `ui` at an address of ours, for tests: links and addresses work, other pages are empty. */
export function show(ui: ReactNode, at = "/", fill: (cache: QueryClient) => void = () => undefined): Shown {
  const cache = new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: Infinity } } });
  fill(cache);
  const root = createRootRoute();
  const [path = "/"] = at.split("?");
  const here = createRoute({ getParentRoute: () => root, path, component: () => ui });
  const elsewhere = createRoute({ getParentRoute: () => root, path: "$", component: () => null });
  const history = createMemoryHistory({ initialEntries: [at] });
  const router = createRouter({ routeTree: root.addChildren([here, elsewhere]), history });
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={cache}>
        {/* Not the router that the application registers, but one of the same kind. */}
        <RouterProvider router={router as never} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  return { cache, history };
}
