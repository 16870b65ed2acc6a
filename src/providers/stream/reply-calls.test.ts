import { describe, expect, it } from "vitest"
import { caseFile, sse } from "../../../test/support/raw-provider.ts"
import { callsOf, chunk, replyTo } from "../../../test/support/raw-reply.ts"
import type { ProviderType } from "../../contract/models.ts"
import type { StreamEvent } from "../provider.ts"

/** Tool calls in the dialects of servers that copy a protocol. */

describe("calls of Chat Completions", () => {
  const calls = async (...pieces: ReadonlyArray<object>) =>
    callsOf(
      await replyTo(
        "openai-compat",
        sse(...pieces.map((piece) => chunk({ tool_calls: [piece] })), chunk({}, "tool_calls")),
      ),
    )
  const piece = (given: { index?: number; id?: string; name?: string; args?: unknown }) => ({
    ...(given.index === undefined ? {} : { index: given.index }),
    ...(given.id === undefined ? {} : { id: given.id }),
    function: { ...(given.name === undefined ? {} : { name: given.name }), arguments: given.args ?? "" },
  })
  const whole = 'a execute {"command":"ls"}'

  it.each([
    [
      "a new id with every piece",
      [
        piece({ index: 0, id: "a", name: "execute", args: '{"comm' }),
        piece({ index: 0, id: "b", args: 'and":' }),
        piece({ index: 0, id: "c", args: '"ls"}' }),
      ],
    ],
    [
      "a new id and the name with every piece",
      [
        piece({ index: 0, id: "a", name: "execute", args: '{"comm' }),
        piece({ index: 0, id: "b", name: "execute", args: 'and":"ls"}' }),
      ],
    ],
    [
      "a new id with every piece and no index",
      [piece({ id: "a", name: "execute", args: '{"comm' }), piece({ id: "b", args: 'and":"ls"}' })],
    ],
    [
      "all so far in every piece",
      [
        piece({ index: 0, id: "a", name: "execute", args: '{"comm' }),
        piece({ index: 0, args: '{"command":' }),
        piece({ index: 0, args: '{"command":"ls"}' }),
      ],
    ],
    [
      "the whole once more at the end",
      [
        piece({ index: 0, id: "a", name: "execute", args: '{"comm' }),
        piece({ index: 0, args: 'and":"ls"}' }),
        piece({ index: 0, id: "a", name: "execute", args: '{"command":"ls"}' }),
      ],
    ],
    ["arguments as an object", [piece({ index: 0, id: "a", name: "execute", args: { command: "ls" } })]],
    [
      "arguments as a text in the text",
      [piece({ index: 0, id: "a", name: "execute", args: JSON.stringify('{"command":"ls"}') })],
    ],
  ])("one call with %s", async (_, pieces) => {
    expect(await calls(...pieces)).toEqual([whole])
  })

  it("a piece that happens to begin with all so far is what comes next where only that makes sense", async () => {
    const pieces = [piece({ index: 0, id: "a", name: "execute", args: '{"x":' }), piece({ index: 0, args: '{"x":1}}' })]
    expect(await calls(...pieces)).toEqual(['a execute {"x":{"x":1}}'])
  })

  it("the same id for all calls gives each an id of its own", async () => {
    for (const index of [0, 1]) {
      const both = await calls(
        piece({ index: 0, id: "a", name: "execute", args: '{"x":1}' }),
        piece({ index, id: "a", name: "execute", args: '{"x":2}' }),
      )
      expect(both).toEqual(['a execute {"x":1}', expect.stringMatching(/^call_\w{32} execute \{"x":2\}$/)])
    }
  })

  it("in the legacy field for one call", async () => {
    const answer = sse(
      chunk({ function_call: { name: "execute", arguments: '{"comm' } }),
      chunk({ function_call: { arguments: 'and":"ls"}' } }),
      chunk({}, "function_call"),
    )
    expect(callsOf(await replyTo("openai-compat", answer))).toEqual([
      expect.stringMatching(/^call_\w+ execute \{"command":"ls"\}$/),
    ])
  })

  it("keep what the server put beside them, over all pieces", async () => {
    const first = {
      ...piece({ index: 0, id: "a", name: "execute", args: "{" }),
      extra_content: { google: { thought_signature: "s" } },
    }
    const reply = await replyTo(
      "openai-compat",
      sse(
        chunk({ tool_calls: [first] }),
        chunk({ tool_calls: [{ ...piece({ index: 0, args: "}" }), tag: 7, other: null }] }),
        chunk({}, "tool_calls"),
      ),
    )
    expect(reply.parts).toMatchObject([
      {
        provider_metadata: { openai_chat: { call: { extra_content: { google: { thought_signature: "s" } }, tag: 7 } } },
      },
    ])
    expect(JSON.stringify(reply.parts)).not.toContain("other")
  })

  it("keep that a server knows reasoning_content, though it gave none", async () => {
    const call = piece({ index: 0, id: "a", name: "execute", args: "{}" })
    for (const reasoning_content of [null, ""]) {
      const reply = await replyTo(
        "openai-compat",
        sse(chunk({ reasoning_content }), chunk({ tool_calls: [call] }), chunk({}, "tool_calls")),
      )
      expect(reply.parts).toMatchObject([
        { type: "tool-call", provider_metadata: { openai_chat: { field: "reasoning_content" } } },
      ])
    }
    const without = await replyTo("openai-compat", sse(chunk({ tool_calls: [call] }), chunk({}, "tool_calls")))
    expect(without.parts[0]).not.toHaveProperty("provider_metadata")
  })

  it("are shown with the id and the arguments that they end with", async () => {
    const events: Array<StreamEvent> = []
    await replyTo(
      "openai-compat",
      sse(
        chunk({ tool_calls: [piece({ index: 0, id: "a", name: "execute", args: '{"x":1}' })] }),
        chunk({ tool_calls: [piece({ index: 1, id: "a", name: "execute", args: '{"x"' })] }),
        chunk({ tool_calls: [piece({ index: 1, args: '{"x":2}' })] }),
        chunk({}, "tool_calls"),
      ),
      events,
    )
    const shown = new Map<string, string>()
    for (const event of events) {
      if (event.type === "tool-call-delta") shown.set(event.id, (shown.get(event.id) ?? "") + event.delta)
    }
    expect([...shown.values()]).toEqual(['{"x":1}', '{"x":2}'])
  })
})

describe("calls of the other protocols", () => {
  it.each<[ProviderType, string]>([
    ["openai", "responses"],
    ["anthropic", "anthropic"],
  ])("%s: the same id twice gives two ids", async (type, file) => {
    const calls = callsOf(await replyTo(type, caseFile(`08-duplicate-call-ids/${file}.sse`)))
    expect(calls).toHaveLength(2)
    expect(new Set(calls.map((call) => call.split(" ")[0])).size).toBe(2)
  })

  const start = (input: unknown) => ({
    type: "content_block_start",
    index: 0,
    content_block: { type: "tool_use", id: "a", name: "execute", input },
  })
  const delta = (partial_json: unknown) => ({
    type: "content_block_delta",
    index: 0,
    delta: { type: "input_json_delta", partial_json },
  })
  it.each([
    ["in the start of the block", [start({ command: "ls" })]],
    ["in the start as a text", [start('{"command":"ls"}')]],
    ["in the start and again as deltas", [start({ command: "ls" }), delta('{"command":'), delta('"ls"}')]],
    [
      "in deltas that each hold all so far",
      [start({}), delta('{"comm'), delta('{"command":"l'), delta('{"command":"ls"}')],
    ],
    ["in a delta as an object", [start({}), delta({ command: "ls" })]],
  ])("Anthropic: input %s", async (_, events) => {
    const answer = sse(
      ...events,
      { type: "content_block_stop", index: 0 },
      { type: "message_delta", delta: { stop_reason: "tool_use" } },
    )
    expect(callsOf(await replyTo("anthropic", answer))).toEqual(['a execute {"command":"ls"}'])
  })

  const added = {
    type: "response.output_item.added",
    output_index: 0,
    item: { type: "function_call", id: "f", call_id: "a", name: "execute", arguments: "" },
  }
  const done = {
    type: "response.output_item.done",
    output_index: 0,
    item: { ...added.item, arguments: '{"command":"ls"}' },
  }
  const args = (text: string) => ({
    type: "response.function_call_arguments.delta",
    output_index: 0,
    item_id: "f",
    delta: text,
  })
  it.each([
    ["in deltas and again at the end", [added, args('{"comm'), args('and":"ls"}'), done]],
    ["in deltas that each hold all so far", [added, args('{"comm'), args('{"command":"ls"}'), done]],
    ["in broken deltas and whole at the end", [added, args('{"wrong'), done]],
    [
      "in an event of their own",
      [added, { type: "response.function_call_arguments.done", item_id: "f", arguments: '{"command":"ls"}' }],
    ],
    ["without an id for the call", [{ ...done, item: { ...done.item, id: "a", call_id: undefined } }]],
  ])("Responses: arguments %s", async (_, events) => {
    const answer = sse(...events, { type: "response.completed", response: { status: "completed" } })
    expect(callsOf(await replyTo("openai", answer))).toEqual(['a execute {"command":"ls"}'])
  })
})
