import type { Deployment, Release, Served } from "@/client/types";

/** Where one click leads back to: the newest release before the current one; null when there is none. */
export function before(served: Served): Release | null {
  const { current } = served;
  if (current === null) return null;
  return newestFirst(served).find((release) => release.number < current) ?? null;
}

export function newestFirst(served: Served): Release[] {
  return [...served.releases].sort((a, b) => b.number - a.number);
}

/** "Go back to release 1": what making a release the current one is called. */
export function switchTo(release: Release, current: number | null): string {
  if (current === null) return `Serve release ${release.number}`;
  return release.number < current ? `Go back to release ${release.number}` : `Go on to release ${release.number}`;
}

/** Other names that answer from the same process, and so stop with it. */
export function sharing(deployment: Deployment, all: readonly Deployment[]): string[] {
  const running = all.filter((each) => each.state === "ready" || each.state === "starting");
  return running.filter((each) => each.instance === deployment.instance && each.name !== deployment.name).map((each) => each.name);
}

/** What stopping an engine would interrupt, as a sentence; empty when nobody would notice. */
export function interrupted(deployment: Deployment, all: readonly Deployment[]): string {
  const names = sharing(deployment, all);
  const answers = deployment.in_flight === 1 ? "1 answer that is being given breaks off" : `${deployment.in_flight} answers that are being given break off`;
  const parts = [
    names.length ? `${names.join(", ")} ${names.length === 1 ? "answers" : "answer"} from the same process and ${names.length === 1 ? "stops" : "stop"} too` : "",
    deployment.in_flight ? answers : "",
  ];
  const said = parts.filter(Boolean).join("; ");
  return said && `${said}. The next question starts it again.`;
}
