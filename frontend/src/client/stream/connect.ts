import { Link } from "./link";

let link: Link | undefined;

/** This page's end of the streams, opened when it is first asked for. */
export function streams(): Link {
  link ??= new Link();
  return link;
}
