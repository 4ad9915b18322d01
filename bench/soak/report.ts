import { median } from "../statistics.ts";
import { formatNumber } from "../table.ts";
import { drawChart } from "./chart.ts";
import { levelOff } from "./levels.ts";
import type { Sample } from "./sample.ts";

const MEGABYTE = 1_000_000;

/** Says how the load went, and whether memory levels off, a line each. */
export function summarizeSoak(samples: readonly Sample[]): string[] {
  const rate = (key: keyof Sample["rates"]) => median(samples.map(({ rates }) => rates[key]));
  const memory = Object.keys(samples[0]?.memory ?? {}).map((name) => {
    const { before, after, levels } = levelOff(samples.map((sample) => sample.memory[name]!));
    const verdict = levels ? "levels off" : "STILL GROWS";
    return `${name}: ${megabytes(before)}, then ${megabytes(after)} MB: memory ${verdict}`;
  });
  return [
    `${formatNumber(rate("requests"))} requests/s, ` +
    `${formatNumber(rate("uploadedBytes") / MEGABYTE)} MB/s uploaded, ` +
    `${formatNumber(rate("connects"))} connects/s (medians)`,
    ...memory,
  ];
}

/** One line about a moment. */
export function formatSample({ seconds, memory, rates }: Sample): string {
  const sizes = Object.entries(memory).map(([name, bytes]) => `${name} ${megabytes(bytes)}`);
  return `${(seconds / 60).toFixed(1)} min: ${formatNumber(rates.requests)} requests/s, ` +
    `${formatNumber(rates.uploadedBytes / MEGABYTE)} MB/s, ` +
    `${formatNumber(rates.connects)} connects/s; MB: ${sizes.join(", ")}`;
}

/** Draws memory and load over time. */
export function drawSoak(samples: readonly Sample[]): string {
  const rates = (name: string, value: (sample: Sample) => number) => ({
    ...{ name, values: samples.map(value) },
  });
  const names = Object.keys(samples[0]?.memory ?? {});
  return drawChart([
    {
      title: "Resident memory, MB",
      series: names.map((name) => rates(name, (sample) => sample.memory[name]! / MEGABYTE)),
    },
    { title: "Requests per second", series: [rates("requests", (s) => s.rates.requests)] },
    {
      title: "Uploads, MB/s",
      series: [rates("uploads", (s) => s.rates.uploadedBytes / MEGABYTE)],
    },
    { title: "Connects per second", series: [rates("connects", (s) => s.rates.connects)] },
  ], samples.map(({ seconds }) => seconds / 60));
}

function megabytes(bytes: number): string {
  return (bytes / MEGABYTE).toFixed(0);
}
