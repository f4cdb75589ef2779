import { Link, linkOptions } from "@tanstack/react-router";

import { endsOf } from "./ends";
import classes from "./Tree.module.css";
import type { TreeNode } from "./tree";

/** The page of what a line stands for; a heading has none. */
export function addressOf(node: Pick<TreeNode, "kind" | "key" | "name" | "deployment">) {
  if (node.kind === "group") return null;
  if (node.kind === "run") return linkOptions({ to: "/runs/$", params: { _splat: node.name } });
  if (node.kind !== "served") return linkOptions({ to: "/models/$", params: { _splat: node.key } });
  // A base as it is, or a model made on Ollama by hand, is of no release: one can talk to it.
  if (node.deployment && node.deployment.release == null) return linkOptions({ to: "/chat", search: { left: node.name } });
  return linkOptions({ to: "/release/$name", params: { name: node.name } });
}

/** A line's name, as a link to its page. `tabIndex` -1: the row itself is what the keyboard reaches. */
export function NodeName({ node, className }: { node: TreeNode; className?: string }) {
  const address = addressOf(node);
  if (!address) {
    return (
      <span className={className} dir="auto" title={node.name}>
        {node.name}
      </span>
    );
  }
  const ends = endsOf(node.name);
  return (
    <Link
      {...address}
      className={className}
      data-ends={ends !== null || undefined}
      dir="auto"
      title={node.name}
      // Two boxes beside one another would be read as two words.
      aria-label={ends ? node.name : undefined}
      tabIndex={-1}
      preload={false}
    >
      {ends ? (
        <>
          <span className={classes.start}>{ends[0]}</span>
          <span className={classes.end}>{ends[1]}</span>
        </>
      ) : (
        node.name
      )}
    </Link>
  );
}
