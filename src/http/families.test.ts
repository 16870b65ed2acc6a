import { HttpApiGroup } from "@effect/platform"
import { readdirSync } from "node:fs"
import path from "node:path"
import { describe, expect, it } from "vitest"
import { byName, TroupeApi } from "./families.ts"

describe("the list of families", () => {
  it("has every group that is declared, and each once", async () => {
    const folder = path.join(import.meta.dirname, "../contract/routes")
    const declared = await Promise.all(
      readdirSync(folder).map(async (file) => Object.values((await import(path.join(folder, file))) as object)),
    )
    const names = declared
      .flat()
      .filter(HttpApiGroup.isHttpApiGroup)
      .map((group) => (group as HttpApiGroup.HttpApiGroup.AnyWithProps).identifier)
    expect(names.length).toBeGreaterThan(10)
    expect(Object.keys(TroupeApi.groups).sort()).toEqual(names.sort())
  })

  it("refuses two of one name with a sentence", () => {
    const family = (name: string) => ({ routes: HttpApiGroup.make(name), handlers: {} })
    expect(byName([family("chats"), family("users")])).toEqual({ chats: {}, users: {} })
    expect(() => byName([family("chats"), family("users"), family("chats")])).toThrow(
      "Two families of routes are called chats: call one of them differently.",
    )
  })
})
