import type { Step } from "@/client/types";

/** What a step does, for people who don't know its tool. */
const STEPS: Record<string, string> = {
  render: "Render the test chats as training does",
  merge: "Merge the adapter into the base",
  convert: "Convert the merged model to GGUF",
  "convert-base": "Convert the base to GGUF",
  "convert-adapter": "Convert the adapter to GGUF",
  quantise: "Quantise",
  modelfile: "Write the Modelfile",
  load: "Load it into Ollama",
  parity: "Prove that it is served as it was trained",
  release: "Record the release",
  train: "Train",
  starter: "Make the starter base",
  import: "Copy the model",
  download: "Download the model",
  facts: "Write the rows",
  contrast: "Write the contrast rows",
  answers: "Compare the answers",
  "build-quantize": "Build llama-quantize",
};

const TOOLBOXES: Record<Step["toolbox"], string> = {
  llamafactory: "LLaMA-Factory",
  "llama-cpp": "llama.cpp",
  ollama: "Ollama",
  tensorboard: "TensorBoard",
  system: "Tunesmith",
};

export function stepTitle(name: string): string {
  const known = STEPS[name];
  if (known) return known;
  if (name.startsWith("install-")) return `Install ${toolboxTitle(name.slice("install-".length))}`;
  const words = name.replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function toolboxTitle(toolbox: string): string {
  return (TOOLBOXES as Record<string, string>)[toolbox] ?? toolbox;
}
