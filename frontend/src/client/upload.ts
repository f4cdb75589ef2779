import { learnClock } from "./clock";
import { logIn } from "./api";
import { problemOf, unreachable } from "./problem";

/** How much of a body has left, from 0 to 1; null while its size isn't known. */
export type TellSent = (part: number | null) => void;

/**
 * Send a form with a file and give the answer; `fetch` can't tell how far a body is. Problems are thrown as by `api`, and an
 * upload that is broken off by `signal` throws the signal's reason.
 */
export function upload(path: string, form: FormData, sent: TellSent, signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    const end = (finish: () => void) => {
      signal.removeEventListener("abort", stop);
      finish();
    };
    request.upload.onprogress = ({ lengthComputable, loaded, total }) => sent(lengthComputable && total > 0 ? loaded / total : null);
    request.onload = () =>
      end(() => {
        learnClock(request.getResponseHeader("date"));
        const body = contentOf(request.responseText);
        if (request.status >= 200 && request.status < 300) resolve(body);
        else {
          if (request.status === 401) logIn();
          reject(problemOf(request.status, body));
        }
      });
    request.onerror = () => end(() => reject(unreachable()));
    request.onabort = () => end(() => reject(signal.reason instanceof Error ? signal.reason : new Error("aborted")));
    signal.addEventListener("abort", stop);
    request.open("POST", path);
    request.send(form);
    if (signal.aborted) stop();
  });
}

function contentOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
