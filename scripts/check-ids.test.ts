import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, beforeEach, describe, expect, it } from "vitest"

const script = fileURLToPath(new URL("check-ids.mjs", import.meta.url))

let root = ""
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "check-ids-"))
  mkdirSync(join(root, "src"))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const check = (text: string, name = "case.ts") => {
  writeFileSync(join(root, "src", name), `${text}\n`)
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, root], { encoding: "utf8" })
  expect(stderr).toBe("")
  return { passed: status === 0, output: stdout }
}

describe("refused", () => {
  it.each([
    ["a parameter", "const get = (chatId: string) => chatId", "chatId", "ChatId"],
    ["a parameter of a method", "class A { get(userId: string) {} }", "userId", "UserId"],
    [
      "a parameter of a constructor",
      "class A { constructor(readonly workspaceId: string) {} }",
      "workspaceId",
      "WorkspaceId",
    ],
    ["a parameter of a function type", "type Get = (ownerId: string) => void", "ownerId", "UserId"],
    [
      "a parameter of a method's type",
      "interface A { get(organizationId: string): void }",
      "organizationId",
      "OrganizationId",
    ],
    ["a field", "interface A { readonly modelConfigId: string }", "modelConfigId", "ModelConfigId"],
    [
      "a field that may be left out",
      "interface A { readonly parentChatId?: string | undefined }",
      "parentChatId",
      "ChatId",
    ],
    ["a field of a class", "class A { readonly #a = 1; chatId: string = '' }", "chatId", "ChatId"],
    [
      "a column",
      "interface Row { readonly last_model_config_id: string | null }",
      "last_model_config_id",
      "ModelConfigId",
    ],
    ["a column of a query", "const rows = sql<{ readonly chat_id: string }>`select`", "chat_id", "ChatId"],
    ["a variable", "const toolCallId: string = ''", "toolCallId", "ToolCallId"],
    ["a number", "let messageId: number", "messageId", "MessageId"],
    ["a message that waits", "let queuedMessageId: number", "queuedMessageId", "QueuedMessageId"],
    ["the provider's id of a call", "interface A { providerCallId: string }", "providerCallId", "ProviderCallId"],
    ["the same in a column", "interface A { provider_call_id: string }", "provider_call_id", "ProviderCallId"],
    ["the same on the wire", "interface A { tool_call_id: string }", "tool_call_id", "ProviderCallId"],
    ["who made something", "interface A { created_by: string | null }", "created_by", "UserId"],
    ["several", "interface A { chatIds: ReadonlyArray<string> }", "chatIds", "ChatId"],
    ["several in a set", "const seen = (toolCallIds: ReadonlySet<string>) => seen", "toolCallIds", "ToolCallId"],
    ["several in brackets", "interface A { mcp_server_ids: readonly string[] }", "mcp_server_ids", "McpServerId"],
    ["a field of a schema", "const A = Schema.Struct({ chat_id: Uuid })", "chat_id", "ChatId"],
    ["a schema of any text", "const A = { userId: Schema.String }", "userId", "UserId"],
    [
      "a schema within another",
      "const A = { workspace_id: optional(Schema.NullOr(Uuid)) }",
      "workspace_id",
      "WorkspaceId",
    ],
    [
      "a schema with more to it",
      "const A = { messageId: Schema.Int.pipe(Schema.positive()) }",
      "messageId",
      "MessageId",
    ],
  ])("%s", (_, text, name, kind) => {
    expect(check(`\n${text}`)).toEqual({
      passed: false,
      output: `src/case.ts:2: ${name} is of no kind: write ${kind} (src/contract/ids.ts)\n`,
    })
  })

  it("a file that does not parse, because nobody knows what it names", () => {
    expect(check("interface {{").output).toMatch(/^src\/case\.ts: /)
  })
})

describe("allowed", () => {
  it.each([
    ["a kind", "const get = (chatId: ChatId, others: ReadonlyArray<ChatId>) => chatId"],
    ["a kind or nothing", "interface A { readonly workspace_id?: WorkspaceId | null }"],
    ["no type of its own", "const get = ({ chatId }: A) => chatId"],
    ["what only sounds like it", "interface A { chatIdle: string; provider: string; valid: string; identity: string }"],
    ["a schema of a kind", "const A = Schema.Struct({ chat_id: ChatId, user_id: Schema.NullOr(UserId) })"],
    ["a value", "const a = { chatId: row.chat_id, userId: String(name) }"],
    ["the type of a column", `const COLUMNS = { chat_id: "uuid", model_config_id: "uuid?" } as const`],
    ["a table by id", "const a = (chatIds: ReadonlyMap<ChatId, string>) => a"],
  ])("%s", (_, text) => {
    expect(check(text)).toEqual({ passed: true, output: "" })
  })

  it("anything in a test, whose literals stand for ids", () => {
    expect(check("const chatId: string = ''", "case.test.ts").passed).toBe(true)
  })
})
