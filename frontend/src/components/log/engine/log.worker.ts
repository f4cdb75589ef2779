import { Log } from "./log";
import type { FromLog, ToLog } from "./protocol";
import { WorkerSearcher } from "./searcher";

const log = new Log((message: FromLog) => postMessage(message), new WorkerSearcher());

addEventListener("message", ({ data }: MessageEvent<ToLog>) => log.received(data));
