import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, beforeEach, describe, expect, it } from "vitest"

const script = fileURLToPath(new URL("check-imports.mjs", import.meta.url))

/** Files every case starts from: one per folder, each exporting a value and a type. */
const LAYERS = "contract machines db tools mcp workspaces providers identity turn actors http cli"
  .split(" ")
  .map((name) => `src/${name}/thing.ts`)
const OTHERS = ["src/main.ts", "src/settings.ts", "web/src/thing.ts", "workspace-agent/src/thing.ts", "bench/run.mjs"]

let root = ""
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "check-imports-"))
  for (const path of [...LAYERS, ...OTHERS]) put(path, "export const thing = 1\n")
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function put(path: string, text: string) {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

function check() {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, root], { encoding: "utf8" })
  expect(stderr).toBe("")
  return { passed: status === 0, output: stdout }
}

describe("allowed", () => {
  it.each([
    ["src/main.ts", `import { thing } from "./http/thing.ts"`],
    ["src/http/case.ts", `import { thing } from "../actors/thing.ts"`],
    ["src/cli/case.ts", `import { thing } from "../contract/thing.ts"`],
    ["src/actors/case.ts", `import { thing } from "../turn/thing.ts"`],
    ["src/turn/case.ts", `import { thing } from "../tools/thing.ts"`],
    ["src/tools/case.ts", `import { thing } from "../workspaces/thing.ts"`],
    ["src/tools/case.ts", `import { thing } from "../mcp/thing.ts"`],
    ["src/mcp/case.ts", `import { thing } from "../identity/thing.ts"`],
    ["src/providers/case.ts", `import { thing } from "../identity/thing.ts"`],
    ["src/identity/case.ts", `import { thing } from "../db/thing.ts"`],
    ["src/db/case.ts", `import { thing } from "../machines/thing.ts"`],
    ["src/machines/case.ts", `import { setup } from "xstate"\nimport { thing } from "../contract/thing.ts"`],
    ["src/contract/case.ts", `import { HttpApi } from "@effect/platform"\nimport { Schema } from "effect"`],
    ["src/db/case.ts", `import { thing } from "../settings.ts"`],
    ["src/workspaces/case.ts", `import type { thing } from "../../workspace-agent/src/thing.ts"`],
    ["web/src/case.tsx", `import type { thing } from "../../src/contract/thing.ts"`],
    ["web/src/case.ts", `export type { thing } from "../../src/contract/thing.ts"`],
    ["web/src/case.ts", `type T = import("../../src/contract/thing.ts").thing`],
    ["web/src/case.ts", `import { addPart } from "../../src/contract/part-deltas.ts"`],
    ["src/contract/part-deltas.ts", `import type { thing } from "./thing.ts"`],
    ["web/vite.config.ts", `import { join } from "node:path"`],
    ["workspace-agent/src/case.ts", `import { createServer } from "node:http"`],
    ["src/contract/case.test.ts", `import { thing } from "../http/thing.ts"`],
    ["test/case.test.ts", `import { thing } from "../src/main.ts"`],
  ])("%s: %s", (path, text) => {
    put(path, `${text}\n`)
    expect(check()).toEqual({ passed: true, output: "" })
  })
})

describe("refused", () => {
  it.each([
    ["src/http/case.ts", `import { thing } from "../cli/thing.ts"`],
    ["src/http/case.ts", `import { thing } from "../main.ts"`],
    ["src/actors/case.ts", `import { thing } from "../http/thing.ts"`],
    ["src/turn/case.ts", `import type { thing } from "../actors/thing.ts"`],
    ["src/workspaces/case.ts", `import { thing } from "../tools/thing.ts"`],
    ["src/tools/case.ts", `import { thing } from "../providers/thing.ts"`],
    ["src/identity/case.ts", `import { thing } from "../mcp/thing.ts"`],
    ["src/db/case.ts", `export * from "../identity/thing.ts"`],
    ["src/db/case.ts", `const thing = await import("../turn/thing.ts")`],
    ["src/machines/case.ts", `import { thing } from "../db/thing.ts"`],
    ["src/machines/case.ts", `import { Effect } from "effect"`],
    ["src/machines/case.ts", `import { readFileSync } from "node:fs"`],
    ["src/contract/case.ts", `import { thing } from "../machines/thing.ts"`],
    ["src/contract/case.ts", `type T = import("../db/thing.ts").thing`],
    ["src/contract/case.ts", `import express from "express"`],
    ["src/settings.ts", `import { thing } from "./contract/thing.ts"`],
    ["src/db/case.ts", `import { thing } from "../../test/thing.ts"`],
    ["src/db/case.ts", `import { thing } from "../../web/src/thing.ts"`],
    ["src/novel/case.ts", `import { thing } from "../contract/thing.ts"`],
    ["src/tools/case.ts", `import type { thing } from "../../workspace-agent/src/thing.ts"`],
    ["src/workspaces/case.ts", `import { thing } from "../../workspace-agent/src/thing.ts"`],
    ["web/src/case.ts", `import { thing } from "../../src/contract/thing.ts"`],
    ["web/src/case.ts", `import { type thing } from "../../src/contract/thing.ts"`],
    ["web/src/case.ts", `import type { thing } from "../../src/machines/thing.ts"`],
    ["src/contract/part-deltas.ts", `import { Schema } from "effect"`],
    ["src/contract/part-deltas.ts", `import { type thing } from "./thing.ts"`],
    ["web/src/case.ts", `import { join } from "node:path"`],
    ["workspace-agent/src/case.ts", `import type { thing } from "../../src/contract/thing.ts"`],
    ["workspace-agent/src/case.ts", `import { WebSocket } from "ws"`],
    ["bench/case.mjs", `import { thing } from "../src/main.ts"`],
  ])("%s: %s", (path, text) => {
    put(path, `${text}\n`)
    const { passed, output } = check()
    expect(passed).toBe(false)
    expect(output).toMatch(new RegExp(`^${path}:\\d+: imports "`))
  })

  it("a circle, named file by file", () => {
    put("src/db/a.ts", `import { b } from "./b.ts"\nexport const a = 1\n`)
    put("src/db/b.ts", `import type { a } from "./a.ts"\nexport const b = 1\n`)
    expect(check()).toEqual({
      passed: false,
      output: "circular imports: src/db/a.ts -> src/db/b.ts -> src/db/a.ts\n",
    })
  })

  it("a file that does not parse, because its imports cannot be known", () => {
    put("src/db/case.ts", "import {{\n")
    const { passed, output } = check()
    expect(passed).toBe(false)
    expect(output).toMatch(/^src\/db\/case\.ts: /)
  })
})
