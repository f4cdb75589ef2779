import { QueryClient } from "@tanstack/react-query";

import { asProblem } from "@/client/problem";

/** Lists are kept right by the stream of events; asking again on every focus would only be load. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      refetchOnWindowFocus: false,
      refetchOnReconnect: false,
      retry: (failures, error) => {
        const { status } = asProblem(error);
        return (status === 0 || status === 503) && failures < 3;
      },
      retryDelay: (attempt) => Math.min(4_000, 500 * 2 ** attempt),
      networkMode: "always",
    },
    mutations: { networkMode: "always" },
  },
});
