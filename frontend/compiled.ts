import type { Plugin, Rolldown } from "vite";

/** Chrome and Edge compile all of a script that begins so while it is being loaded, in the background. To others it is a comment. */
const AT_ONCE = "//# allFunctionsCalledOnLoad\n";

/** Has the code of the page's start compiled before it is called: function by function, on the first call, it would hold up the first view. */
export function compiled(): Plugin {
  return {
    name: "compiled",
    apply: "build",
    generateBundle: {
      order: "post",
      handler: (_options, bundle) => {
        for (const chunk of started(bundle)) chunk.code = AT_ONCE + chunk.code;
      },
    },
  };
}

/** The entry's chunk, and what it imports at once. */
function started(bundle: Rolldown.OutputBundle): Rolldown.OutputChunk[] {
  const chunks = Object.values(bundle).filter((each) => each.type === "chunk");
  const entries = chunks.filter((each) => each.isEntry);
  return chunks.filter((each) => each.isEntry || entries.some(({ imports }) => imports.includes(each.fileName)));
}
