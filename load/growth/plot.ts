import type { GrowthRow } from "./growth-row.ts";
import { type GrowthMetric, METRICS, withDigits } from "./metrics.ts";

const COLUMNS = 3;
const PANEL = { width: 300, height: 190 };
const INSIDE = { left: 26, right: 40, top: 58, bottom: 30 };
/** Air above the highest value, so that its label stays inside. */
const HEADROOM = 1.15;

interface Point {
  readonly x: number;
  readonly y: number;
  readonly label: string;
}

/** `docs/growth.svg`: a panel for each metric, records on a logarithmic axis, each scale from 0. */
export function growthPlot(rows: readonly GrowthRow[]): string {
  const width = COLUMNS * PANEL.width;
  const height = Math.ceil(METRICS.length / COLUMNS) * PANEL.height;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11">
<title>Growth with the number of records</title>
<rect width="${width}" height="${height}" fill="#fff"/>
${METRICS.map((metric, i) => panel(metric, rows, i)).join("\n")}
</svg>
`;
}

function panel(metric: GrowthMetric, rows: readonly GrowthRow[], place: number): string {
  const x = (place % COLUMNS) * PANEL.width;
  const y = Math.floor(place / COLUMNS) * PANEL.height;
  const points = pointsOf(metric, rows);
  return `<g transform="translate(${x} ${y})">
<text x="${INSIDE.left}" y="24" font-size="13" font-weight="bold" fill="#222">${metric.title}</text>
<text x="${INSIDE.left}" y="40" fill="#666">${metric.unit}${aimText(metric)}</text>
${axis(rows)}
${aimLine(metric, rows)}
<polyline points="${points.map((point) => `${point.x},${point.y}`).join(" ")}" fill="none" stroke="#1f6feb" stroke-width="2"/>
${points.map(dot).join("\n")}
</g>`;
}

function dot({ x, y, label }: Point): string {
  return `<circle cx="${x}" cy="${y}" r="3" fill="#1f6feb"/><text x="${x}" y="${y - 7}" text-anchor="middle" fill="#222">${label}</text>`;
}

function pointsOf(metric: GrowthMetric, rows: readonly GrowthRow[]): Point[] {
  const most = highest(metric, rows);
  return rows.map((row, i) => ({
    x: across(i, rows.length),
    y: down(middle(metric, row), most),
    label: withDigits(middle(metric, row), metric.digits),
  }));
}

function axis(rows: readonly GrowthRow[]): string {
  const y = PANEL.height - INSIDE.bottom;
  const line = `<line x1="${INSIDE.left}" x2="${PANEL.width - INSIDE.right}" y1="${y}" y2="${y}" stroke="#999"/>`;
  const marks = rows.map(
    ({ records }, i) =>
      `<text x="${across(i, rows.length)}" y="${y + 15}" text-anchor="middle" fill="#666">${shortNumber(records)}</text>`,
  );
  return [line, ...marks].join("");
}

function aimLine(metric: GrowthMetric, rows: readonly GrowthRow[]): string {
  const most = highest(metric, rows);
  if (metric.target === undefined || metric.target.value > most) return "";
  const y = down(metric.target.value, most);
  return `<line x1="${INSIDE.left}" x2="${PANEL.width - INSIDE.right}" y1="${y}" y2="${y}" stroke="#cf222e" stroke-dasharray="4 3"/>`;
}

function aimText({ target }: GrowthMetric): string {
  return target ? `, aim ${target.bound} ${target.value}` : "";
}

/** The top of the scale: an aim far above what was measured would flatten it, and is only named. */
function highest(metric: GrowthMetric, rows: readonly GrowthRow[]): number {
  const most = Math.max(...rows.map((row) => middle(metric, row)));
  const aim = metric.target?.value ?? 0;
  return (aim <= 2 * most ? Math.max(most, aim) : most) * HEADROOM;
}

function middle(metric: GrowthMetric, row: GrowthRow): number {
  const measured = metric.value(row);
  return typeof measured === "number" ? measured : measured.median;
}

/** Sizes ten times apart stand at equal distances; others are placed so as well, in their order. */
function across(i: number, count: number): number {
  const [from, to] = [INSIDE.left + 24, PANEL.width - INSIDE.right - 24];
  return count === 1 ? (from + to) / 2 : Math.round(from + ((to - from) * i) / (count - 1));
}

function down(value: number, most: number): number {
  const height = PANEL.height - INSIDE.top - INSIDE.bottom;
  return Math.round(INSIDE.top + height * (1 - value / most));
}

function shortNumber(records: number): string {
  if (records >= 1_000_000) return `${records / 1_000_000}M`;
  return records >= 1_000 ? `${records / 1_000}k` : String(records);
}
