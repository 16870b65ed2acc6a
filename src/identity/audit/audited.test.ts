import { readFileSync } from "node:fs"
import { expect, it } from "vitest"
import { isFaults } from "../search-query.ts"
import { AUDITED, diffOf } from "./audited.ts"
import { readAuditQuery } from "./audit-reads.ts"

const page = readFileSync(new URL("../../../docs/audit.md", import.meta.url), "utf8")

it("has a page that names every kind of thing, and keys of the search that are served", () => {
  const [table = ""] = page.split("## Who it was")
  const named = [...table.matchAll(/^\| `(\w+)` /gm)].map(([, type]) => type).filter((type) => type !== "resource_type")
  expect(named.toSorted()).toEqual(Object.keys(AUDITED).toSorted())
  const keys = [...page.matchAll(/`(\w+):[^`]*`/g)].map(([, key = ""]) => key)
  expect(keys.length).toBeGreaterThan(8)
  const valueOf = (key: string) => (key.startsWith("date") ? "2026-01-01" : "5e1f0000-0000-4000-8000-000000000001")
  expect(keys.filter((key) => isFaults(readAuditQuery(`${key}:${valueOf(key)}`)))).toEqual([])
})

it("keeps of a secret that it has changed, and of the rest what it was and is", () => {
  const before = { username: "a", name: "same", password_hash: "one", unknown: 1 }
  expect(diffOf("user", before, { ...before, username: "b", password_hash: "two" })).toEqual({
    username: { old: "a", new: "b", secret: false },
    password_hash: { old: "", new: "", secret: true },
  })
  expect(diffOf("user", before, before)).toEqual({})
})
