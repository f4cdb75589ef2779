import { Hub } from "./hub";
import type { FromPage } from "./protocol";

/** Over HTTP/1.1 a browser opens six connections to a host: one is for events, two stay free for requests. */
const LOG_STREAMS = location.protocol === "https:" ? 40 : 3;

const hub = new Hub("/api/events", LOG_STREAMS);

function welcome(port: MessagePort): void {
  port.onmessage = ({ data }: MessageEvent<FromPage>) => hub.received(port, data);
  // Of a page that crashed; one that is left says so itself.
  port.addEventListener("close", () => hub.leave(port));
  port.start();
}

// One worker for all pages where the browser has such, else one a page. `lib.dom` knows neither scope.
const scope: EventTarget = globalThis;
scope.addEventListener("SharedWorkerGlobalScope" in globalThis ? "connect" : "message", (event) => {
  (event as MessageEvent).ports.forEach(welcome);
});
