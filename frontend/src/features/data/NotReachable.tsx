import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { servicesQuery } from "@/client/queries/lists";
import { asProblem } from "@/client/problem";
import { Empty } from "@/components/Empty";
import { LinkButton } from "@/components/LinkButton";
import { Words } from "@/components/Words";

/** easy-dataset doesn't answer: how to get it, as its service says, and what can be done without it. */
export function NotReachable({ error, retry }: { error: unknown; retry: () => void }) {
  const { data } = useQuery(servicesQuery);
  const service = data?.services.find(({ name }) => name === "easy-dataset");
  const problem = asProblem(error);
  return (
    <Empty
      title="easy-dataset doesn’t answer"
      action={
        <>
          <Button variant="default" onClick={retry} mr={8}>
            Try again
          </Button>
          <LinkButton from="/data" to="/data" search={(before) => ({ ...before, add: "export" as const })} replace>
            Take an exported file
          </LinkButton>
        </>
      }
    >
      <Words text={service?.detail || [problem.detail, problem.remedy].filter(Boolean).join(" ")} />
    </Empty>
  );
}
