import { describe, expect, it } from "vitest"
import type { ToolCallPart } from "../../../src/contract/parts.ts"
import { generic } from "./generic.tsx"
import { rendererOf } from "./registry.ts"
import { toolCall } from "./tool-call.ts"

const shownAs = (tool_name: string, args: unknown, result?: unknown, more: Partial<ToolCallPart> = {}) => {
  const part = { type: "tool-call" as const, tool_call_id: "1", tool_name, args, ...more }
  const answer =
    result === undefined ? undefined : { type: "tool-result" as const, tool_call_id: "1", tool_name, result }
  const renderer = rendererOf(tool_name)
  const call = toolCall(part, { result: answer, turnRuns: true, asked: false, denied: false }, renderer)
  return { title: renderer.title(call), note: renderer.note?.(call), object: renderer.object?.(call) }
}

const names = [
  ...["execute", "process_output", "process_list", "process_signal", "read_file", "write_file", "edit_files"],
  ...["attach_file", "list_templates", "read_template", "create_workspace", "start_workspace", "stop_workspace"],
  ...["spawn_agent", "spawn_explore_agent", "spawn_computer_use_agent", "wait_agent", "message_agent", "close_agent"],
  ...["interrupt_agent", "list_agents", "computer", "propose_plan", "ask_user_question", "advisor", "chat_summarized"],
  ...["web_search", "read_skill", "read_skill_file", "find_tools", "list_subagent_models"],
]

describe.each(names)("%s", (name) => {
  it("has a renderer of its own, which says something whatever it is given", () => {
    expect(rendererOf(name)).not.toBe(generic)
    for (const junk of [undefined, null, 7, "text", [], {}, { name: 1, path: [], questions: "no", results: [1] }]) {
      const { note, title } = shownAs(name, junk, junk ?? null)
      expect(title).toMatch(/\S/)
      expect(`${title} ${note}`).not.toMatch(/\[object|NaN/)
    }
  })
})

it.each([
  ["create_workspace", { name: "api" }, undefined, "Creating a workspace api"],
  ["create_workspace", { name: "api" }, { success: true }, "Created a workspace api"],
  ["spawn_explore_agent", { title: "Look\naround" }, undefined, "Starting an agent to explore Look"],
  [
    "web_search",
    { query: "cats" },
    [{ url: "https://a.example" }, { url: "https://a.example" }],
    "Searched the web cats",
  ],
  ["propose_plan", { path: "docs/PLAN.md" }, {}, "Proposed a plan PLAN.md"],
  ["ask_user_question", { questions: [{}, {}] }, undefined, "Asking 2 questions"],
])("%s says what it does and to what", (name, args, result, title) => {
  expect(shownAs(name, args, result).title).toBe(title)
})

it("a wait that ran out has not failed, and a page that was found twice is one", () => {
  expect(shownAs("wait_agent", {}, { timed_out: true }).note).toBe("not done yet")
  expect(shownAs("web_search", {}, [{ url: "https://a.example" }, { url: "https://a.example" }]).note).toBe("1 page")
  expect(shownAs("web_search", {}, [{ url: "javascript:alert(1)" }]).note).toBeUndefined()
})

it("a tool that nobody knows is called by what the model means, else by its name", () => {
  expect(shownAs("count_stars", { model_intent: "counting the stars" }).title).toBe("Counting the stars")
  expect(shownAs("count_stars", {}).title).toBe("Count stars")
  expect(shownAs("countStars", {}).title).toBe("Count Stars")
  const writing = { args_text: '{"model_intent": "counting \\"all\\" st' }
  expect(shownAs("count_stars", undefined, undefined, writing).title).toBe('Counting "all" st')
  expect(shownAs("git_hub__create_issue", {})).toMatchObject({ title: "Create issue", note: "git hub" })
})

it("only a command or a name at the end of the title is set as code", () => {
  expect(shownAs("execute", { command: "ls -l\nrm x" })).toMatchObject({ title: "Running ls -l", object: "ls -l" })
  expect(shownAs("edit_files", { files: [{ path: "a/b.ts" }] })).toMatchObject({
    title: "Editing b.ts",
    object: "b.ts",
  })
})
