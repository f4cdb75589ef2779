import "@mantine/core/styles/SegmentedControl.layer.css";
import "@mantine/core/styles/FloatingIndicator.layer.css";
import "@mantine/core/styles/Slider.layer.css";
import "@mantine/core/styles/InlineInput.layer.css";
import "@mantine/core/styles/Switch.layer.css";
import "@mantine/core/styles/Input.layer.css";

import { SegmentedControl, Slider, Switch } from "@mantine/core";
import { METRICS } from "@/client/columns";

import type { CurveSearch } from "../search";
import classes from "./Controls.module.css";
import { METRIC_WORDS } from "./words";

const ALONG = [
  { value: "step", label: "Step" },
  { value: "epoch", label: "Epoch" },
  { value: "time", label: "Time" },
] as const;

interface Props {
  search: CurveSearch;
  change: (next: CurveSearch) => void;
  /** What is drawn now; while the slider is held the address is behind. */
  smooth: number;
  onSmooth: (smooth: number) => void;
  /** Whether one metric is chosen of all. */
  metrics?: boolean;
}

/** What is drawn and how; it stands in the address. */
export function Controls({ search, change, smooth, onSmooth, metrics = false }: Props) {
  return (
    <div className={classes.controls} role="group" aria-label="How curves are drawn">
      {metrics && (
        <div className={classes.wide}>
          <SegmentedControl
            size="xs"
            aria-label="What is drawn"
            value={search.metric ?? "loss"}
            data={METRICS.map((value) => ({ value, label: METRIC_WORDS[value] }))}
            onChange={(value) => change({ metric: value === "loss" ? undefined : value })}
          />
        </div>
      )}
      <SegmentedControl
        size="xs"
        aria-label="Along what"
        value={search.x ?? "step"}
        data={[...ALONG]}
        onChange={(value) => change({ x: value === "step" ? undefined : value })}
      />
      <Switch
        size="xs"
        label="Log axis"
        checked={search.log ?? false}
        onChange={({ currentTarget }) => change({ log: currentTarget.checked || undefined })}
      />
      <Smoothing smooth={smooth} onSmooth={onSmooth} change={change} />
    </div>
  );
}

/** The curve follows the thumb at once, the address when it is let go. */
function Smoothing({ smooth, onSmooth, change }: { smooth: number; onSmooth: Props["onSmooth"]; change: Props["change"] }) {
  return (
    <div className={classes.smoothing}>
      <span aria-hidden>Smoothing</span>
      <Slider
        className={classes.slider}
        size="sm"
        min={0}
        max={99}
        value={smooth}
        label={null}
        thumbLabel="Smoothing in percent"
        onChange={onSmooth}
        onChangeEnd={(value) => change({ smooth: value || undefined })}
      />
      <span className={classes.percent}>{smooth} %</span>
    </div>
  );
}
