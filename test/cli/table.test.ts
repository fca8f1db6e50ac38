import { styleText } from "node:util";
import { expect, it } from "vitest";
import { table } from "../../src/cli/table.ts";

it("puts text to the left, numbers to the right, nothing as a dash", () => {
  expect(
    table([
      ["NAME", "COUNT", "UNTIL"],
      ["a", 1234567, null],
      ["long name", 5, "x"],
    ]),
  ).toBe(
    ["NAME       COUNT      UNTIL", "a          1,234,567  -", "long name          5  x"].join(
      "\n",
    ),
  );
});

it("counts characters as people do: marks and colours take no column", () => {
  const red = styleText("red", "Bộ", { validateStream: false });
  expect(
    table([
      ["Bộ".normalize("NFD"), "|"],
      [red, "|"],
      ["abc", "|"],
    ]).split("\n"),
  ).toEqual([`${"Bộ".normalize("NFD")}   |`, `${red}   |`, "abc  |"]);
});
