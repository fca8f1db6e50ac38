import { type Fault, type FaultPath, pathText } from "./fault.ts";

type Named = { readonly path: FaultPath; readonly value: unknown };

/** Names and URL paths that more than one issuer claims, or one claims twice. Sees drafts. */
export function clashFaults(issuers: readonly unknown[]): Fault[] {
  const names = issuers.map((issuer, index) => at([index, "name"], issuer, "name"));
  const paths = issuers.flatMap((issuer, index) => [
    ...items(at([index, "paths"], issuer, "paths")),
    ...items(at([index, "crl", "paths"], at([], issuer, "crl").value, "paths")),
  ]);
  return [
    ...repeated(names, "give each issuer a name of its own"),
    ...repeated(paths, "remove it from one of the two; a path leads to one file"),
  ];
}

function at(path: FaultPath, draft: unknown, key: string): Named {
  const holder = typeof draft === "object" && draft !== null ? draft : {};
  return { path, value: (holder as Readonly<Record<string, unknown>>)[key] };
}

function items({ path, value }: Named): Named[] {
  if (!Array.isArray(value)) return [];
  return value.map((item: unknown, index) => ({ path: [...path, index], value: item }));
}

function repeated(claims: readonly Named[], remedy: string): Fault[] {
  const first = new Map<string, FaultPath>();
  return claims.flatMap(({ path, value }) => {
    if (typeof value !== "string") return [];
    const earlier = first.get(value);
    if (earlier === undefined) {
      first.set(value, path);
      return [];
    }
    const problem = `is ${value}, as issuers${pathText(earlier)} is already`;
    return [{ path, problem, do: remedy }];
  });
}
