import type { Flaw } from "../../der/flaw.ts";

/** The flaws with what is found at many places told once: at the first, with how many more there are. */
export function alikeOnce(flaws: readonly Flaw[]): Flaw[] {
  const places = Map.groupBy(flaws, ({ where, problem, rule, weight }) =>
    [where.replace(/\[\d+\]|\d+$/g, "#"), problem, rule, weight].join("\n"),
  );
  return [...places.values()].flatMap(([first, ...others]) => {
    if (!first) return [];
    if (others.length === 0) return [first];
    return [{ ...first, where: `${first.where} and ${others.length} more like it` }];
  });
}
