import { Button, CopyButton } from "@mantine/core";
import { IconCheck, IconCopy, IconExternalLink } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { deploymentsQuery } from "@/client/queries/lists";
import type { Service } from "@/client/types";
import { LinkButton } from "@/components/LinkButton";
import { webAddress } from "@/lib/address";

interface Props {
  service: Service;
  open: boolean;
  onLog: (name: string | undefined) => void;
}

/** The ways into a service: its page or its API, and its log. */
export function ServiceLinks({ service, open, onLog }: Props) {
  if (service.state === "absent") return null;
  const title = service.title || service.name;
  const page = webAddress(service.page);
  return (
    <>
      {page && (
        <Button
          component="a"
          href={page}
          target="_blank"
          rel="noreferrer"
          size="compact-sm"
          variant="default"
          rightSection={<IconExternalLink size={14} aria-hidden />}
        >
          Open<span className="spoken"> {title}, in a new tab</span>
        </Button>
      )}
      {service.api && <ApiLinks service={service} address={service.api} />}
      {service.log && (
        <Button size="compact-sm" variant="default" aria-expanded={open} onClick={() => onLog(open ? undefined : service.name)}>
          Log<span className="spoken"> of {title}</span>
        </Button>
      )}
    </>
  );
}

/** Of a service without a page: where programs find it, and its model in our chat. */
function ApiLinks({ service, address }: { service: Service; address: string }) {
  const { data: deployments } = useQuery(deploymentsQuery);
  const model = deployments?.find((each) => each.engine === service.name);
  return (
    <>
      <CopyButton value={address}>
        {({ copied, copy }) => (
          <Button
            size="compact-sm"
            variant="default"
            onClick={copy}
            title={address}
            rightSection={copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
          >
            {copied ? "Copied" : "API address"}
          </Button>
        )}
      </CopyButton>
      {model && (
        <LinkButton to="/chat" search={{ left: model.name }} size="compact-sm" variant="default">
          Chat<span className="spoken"> with {model.name}</span>
        </LinkButton>
      )}
    </>
  );
}
