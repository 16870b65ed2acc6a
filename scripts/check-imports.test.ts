import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
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
/** One per area that has rules of its own. */
const AREAS = [
  ..."chat host streams".split(" ").map((name) => `src/actors/${name}/thing.ts`),
  ..."chats chats/store engine embedded identity models workspaces deployment"
    .split(" ")
    .map((name) => `src/db/${name}/thing.ts`),
  ..."openai anthropic stream simulator".split(" ").map((name) => `src/providers/${name}/thing.ts`),
  ..."instances admission parts tool-calls families".split(" ").map((name) => `src/db/chats/${name}.ts`),
  "src/actors/chat/actor.ts",
  "src/chats/thing.ts",
  "src/models/thing.ts",
  "scripts/thing.mjs",
]

let root = ""
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "check-imports-"))
  for (const path of [...LAYERS, ...OTHERS, ...AREAS]) put(path, "export const thing = 1\n")
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

it("every file and folder that a rule names is there: one that was moved would take its rule along", () => {
  const repository = fileURLToPath(new URL("..", import.meta.url))
  const named = [...readFileSync(script, "utf8").matchAll(/"(src\/[\w./-]+)"/g)].map(([, path = ""]) => path)
  expect(named.length).toBeGreaterThan(20)
  expect(named.filter((path) => !existsSync(join(repository, path)))).toEqual([])
})

describe("allowed", () => {
  it.each([
    ["src/main.ts", `import { thing } from "./http/thing.ts"`],
    ["src/http/case.ts", `import { thing } from "../actors/thing.ts"`],
    ["src/cli/case.ts", `import { thing } from "../contract/thing.ts"`],
    ["src/actors/case.ts", `import { thing } from "../turn/thing.ts"`],
    ["src/turn/case.ts", `import { thing } from "../tools/thing.ts"`],
    ["src/tools/case.ts", `import { thing } from "../workspaces/thing.ts"`],
    ["src/tools/case.ts", `import { thing } from "../mcp/thing.ts"`],
    ["src/tools/case.ts", `import { thing } from "../providers/thing.ts"`],
    ["src/mcp/case.ts", `import { thing } from "../identity/thing.ts"`],
    ["src/models/case.ts", `import { thing } from "../identity/thing.ts"`],
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
    ["src/db/chats/case.ts", `import { thing } from "./store/thing.ts"`],
    ["src/actors/chat/case.ts", `import { thing } from "../../db/chats/store/thing.ts"`],
    ["src/chats/layer.ts", `import { thing } from "../db/chats/store/thing.ts"`],
    ["src/http/case.ts", `import type { thing } from "../db/chats/store/thing.ts"`],
    ["src/actors/host/case.ts", `import { thing } from "../chat/actor.ts"`],
    ["src/actors/host/case.ts", `import { thing } from "../../db/chats/instances.ts"`],
    ["src/actors/streams/case.ts", `import { thing } from "../../db/chats/parts.ts"`],
    ["src/turn/case.ts", `import { thing } from "../db/chats/tool-calls.ts"`],
    ["src/chats/case.ts", `import { thing } from "../db/chats/families.ts"`],
    ["src/db/engine/case.ts", `import { thing } from "../embedded/thing.ts"`],
    ["src/db/models/case.ts", `import { thing } from "../engine/thing.ts"`],
    ["src/providers/registry.ts", `import { thing } from "./openai/thing.ts"`],
    ["src/providers/openai/case.ts", `import { thing } from "../stream/thing.ts"`],
    ["src/models/case.ts", `import { thing } from "../providers/thing.ts"`],
    ["bench/case.mjs", `import { thing } from "../scripts/thing.mjs"`],
    ["src/http/case.test.ts", `import { thing } from "../db/chats/store/thing.ts"`],
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
    ["src/providers/case.ts", `import { thing } from "../tools/thing.ts"`],
    ["src/identity/case.ts", `import { thing } from "../mcp/thing.ts"`],
    ["src/providers/case.ts", `import { thing } from "../identity/thing.ts"`],
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
    ["src/chats/case.ts", `import { thing } from "../db/chats/store/thing.ts"`],
    ["src/http/case.ts", `import { type thing } from "../db/chats/store/thing.ts"`],
    ["src/http/case.ts", `const thing = await import("../db/chats/store/thing.ts")`],
    ["src/turn/case.ts", `export * from "../db/chats/store/thing.ts"`],
    ["src/main/case.ts", `import { thing } from "../db/chats/store/thing.ts"`],
    ["src/actors/chat/case.ts", `import { thing } from "../../db/chats/instances.ts"`],
    ["src/chats/case.ts", `import { thing } from "../db/chats/admission.ts"`],
    ["src/turn/case.ts", `import { thing } from "../db/chats/parts.ts"`],
    ["src/http/case.ts", `import { thing } from "../db/chats/tool-calls.ts"`],
    ["src/actors/host/case.ts", `import { thing } from "../../db/chats/families.ts"`],
    ["src/chats/case.ts", `import { thing } from "../actors/chat/actor.ts"`],
    ["src/actors/chat/case.ts", `import { thing } from "../host/thing.ts"`],
    ["src/actors/streams/case.ts", `import type { thing } from "../host/thing.ts"`],
    ["src/main/case.ts", `import { thing } from "../db/embedded/thing.ts"`],
    ["src/db/engine/case.ts", `import { thing } from "../chats/thing.ts"`],
    ["src/db/chats/case.ts", `import { thing } from "../identity/thing.ts"`],
    ["src/db/models/case.ts", `import type { thing } from "../workspaces/thing.ts"`],
    ["src/providers/stream/case.ts", `import { thing } from "../openai/thing.ts"`],
    ["src/providers/openai/case.ts", `import { thing } from "../anthropic/thing.ts"`],
    ["src/providers/simulator/case.ts", `import { thing } from "../openai/thing.ts"`],
    ["src/providers/anthropic/case.ts", `import { thing } from "../../models/thing.ts"`],
    ["src/models/case.ts", `import { thing } from "../providers/openai/thing.ts"`],
  ])("%s: %s", (path, text) => {
    put(path, `${text}\n`)
    const { passed, output } = check()
    expect(passed).toBe(false)
    expect(output).toMatch(new RegExp(`^${path}:\\d+: imports "`))
  })

  it.each([
    ["src/chats/case.ts", "export const a = sql`update chats set status = 'error'`"],
    ["src/http/case.ts", 'export const a = "INSERT INTO chat_messages (id) values (1)"'],
    ["src/actors/chat/case.ts", "export const a = sql`\n  delete from\n  chat_queued_messages`"],
    ["src/db/chats/case.ts", "export const a = sql`with x as (update chat_attempts set reason = null) select 1`"],
    ["src/db/chats/case.ts", "export const a = sql`update tool_calls t set state = ${state}`"],
    ["src/db/chats/store/case.ts", "export const a = sql`insert into chat_novelties values (1)`"],
  ])("%s writes chat state: %s", (path, text) => {
    put(path, `${text}\n`)
    const { passed, output } = check()
    expect(passed).toBe(false)
    expect(output).toMatch(new RegExp(`^${path}:\\d+: writes to (chat|tool)`))
  })

  it.each([
    ["src/db/chats/store/case.ts", "export const a = sql`update chats set status = 'error'`"],
    ["src/db/chats/tool-calls.ts", "export const a = sql`update tool_calls t set state = 'started'`"],
    ["src/db/models/case.ts", "export const a = sql`update providers set name = 'chats'`"],
    ["src/chats/case.ts", "export const a = sql`select * from chats where id = 1 for update`"],
    ["test/case.test.ts", "export const a = sql`update chats set status = 'error'`"],
  ])("%s may: %s", (path, text) => {
    put(path, `${text}\n`)
    expect(check()).toEqual({ passed: true, output: "" })
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
