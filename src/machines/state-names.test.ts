import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { leaves } from "../../test/support/machine-states.ts"

/**
 * What is true of a state is said by its tags. A list of states anywhere else is a list that somebody forgets when there is one
 * more, so there is none.
 */

const root = fileURLToPath(new URL("../..", import.meta.url))

/** The machine itself; the contract, whose words they are; and builds of workspaces, which have statuses of their own. */
const EXEMPT = /^src\/(machines|contract|workspaces|db\/workspaces)\//

/** The one place where the page says what the statuses of the wire mean to it. */
const PAGE = "web/src/chats/status.ts"

/** Chats that are made up, for tests and for the gallery. */
const MADE_UP = /(?:scripted-chat|gallery\/fixtures)\.ts$/

const sources = (folder: string): ReadonlyArray<string> =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length))

const statuses = [...new Set(Object.values(leaves).map((path) => path.split(".")[0]))].filter((name) => name !== "none")
const words = statuses.join("|")
const paths = Object.values(leaves).filter((path) => path.includes("."))

/** A path of the machine; a status that a row is compared with; two statuses beside each other. */
const names = (folder: string) =>
  new RegExp(
    [
      ...(folder === "src"
        ? [
            paths.map((path) => path.replace(".", "\\.")).join("|"),
            `\\b(?:status|activity)\\b\\W{0,11}["'](?:${words})\\b`,
          ]
        : []),
      `["'](?<one>${words})["'][^"'\\n]{1,40}["'](?!\\k<one>)(?:${words})["']`,
    ].join("|"),
    "g",
  )

const withoutComments = (text: string) => text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/^\s*\/\/.*$/gm, "")

const found = (folder: string, text: string) => withoutComments(text).match(names(folder)) ?? []

describe("names of states", () => {
  it.each(["src", "web/src"])("stand in no file of %s but those whose matter they are", (folder) => {
    const files = sources(folder).filter((file) => !EXEMPT.test(file) && file !== PAGE && !MADE_UP.test(file))
    expect(files.length).toBeGreaterThan(40)
    const naming = files.flatMap((file) => {
      const hits = found(folder, readFileSync(join(root, file), "utf8"))
      return hits.length === 0 ? [] : [{ file, hits }]
    })
    expect(naming).toEqual([])
  })

  it("are found out", () => {
    expect(found("src", `if (row.activity === "running.executing") stop()`)).not.toEqual([])
    expect(found("src", "sql`select id from chats where status in ('pending', 'running')`")).not.toEqual([])
    expect(found("src", "sql`update chats set admitted_at = null where status = 'pending'`")).not.toEqual([])
    expect(found("src", `const RESTING = ["waiting", "error"]`)).not.toEqual([])
    expect(found("web/src", `status === "running" || status === "pending"`)).not.toEqual([])
    expect(found("src", `socket.on("error", lost)`)).toEqual([])
    expect(found("src", `/** "waiting" or "error" */`)).toEqual([])
  })
})
