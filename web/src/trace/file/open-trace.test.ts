import { describe, expect, it } from "vitest"
import { LARGEST_FILE, openTrace, tooLarge } from "./open-trace.ts"
import { at, CHAT, head, message, records, threeVersions, traceOf, transition } from "./trace-fixture.ts"

/** Files that anybody may have written. */

const open = (text: string) => openTrace(new Blob([text]))
const refusal = (text: string): Promise<string> =>
  open(text).then(
    () => "opened",
    (error: unknown) => (error instanceof Error && error.name === "TraceFileError" ? error.message : String(error)),
  )

const parts = (...content: ReadonlyArray<unknown>) =>
  threeVersions({ rows: records({ messages: [message(1, "", { content })] }) as ReturnType<typeof records> })

/** Too deep for what writes JSON, and not for what reads it. */
const nested = parts({ type: "tool-call", tool_call_id: "c", tool_name: "t", args: "DEEP" }).replace(
  `"DEEP"`,
  `${"[".repeat(100_000)}${"]".repeat(100_000)}`,
)

describe("a Trace file", () => {
  it("opens, and is the chat at each of its versions", async () => {
    const trace = await open(threeVersions())
    expect([trace.head.title, trace.counts, trace.head.models.get("m")]).toEqual([
      "Cap retries",
      { transitions: 3, messages: 1 },
      "Large",
    ])
    expect(await trace.at(2)).toMatchObject({ version: 2, status: "running", life: "running.generating" })
    expect((await trace.transitions(1, 1)).transitions).toMatchObject([{ version: 2 }])
    expect(await trace.transitions(2, 5)).toMatchObject({ has_more: false, transitions: [{ version: 3 }] })
  })

  it.each([
    ["nothing", "", "The file is empty."],
    ["another format", "PK\u0003\u0004", "This is no Trace file: it does not begin as one."],
    ["broken JSON", `[{"format"\n,{}\n]\n`, "This is no Trace file: its first line is not JSON."],
    ["other JSON", `[{"a":1}\n]\n`, "This file is JSON, and not a Trace file."],
    ["a list of numbers", "[1\n]\n", "This file is JSON, and not a Trace file."],
    [
      "a later format",
      threeVersions({ first: head(3, { format_version: 2 }) as ReturnType<typeof head> }),
      "The file has version 2 of the format, and this page reads version 1. Open it with the version of Troupe that wrote it.",
    ],
    ["a broken line", threeVersions().replace(`,{"transitions"`, `,{"transitions`), "Line 2 of the file is not JSON."],
    [
      "an indented one",
      JSON.stringify(JSON.parse(threeVersions()), null, 2),
      "This is no Trace file: its first line is not JSON.",
    ],
    ["more behind its end", `${threeVersions()},{}\n`, "Line 6 of the file stands behind its end."],
  ])("is refused in words: %s", async (_, text, words) => {
    expect(await refusal(text)).toBe(words)
  })

  it("is told from one that is cut off, wherever that is", async () => {
    const text = threeVersions()
    for (let length = text.indexOf("\n"); length < text.length - 2; length += 7) {
      expect([length, await refusal(text.slice(0, length))]).toEqual([
        length,
        expect.stringMatching(/is cut off at line \d/),
      ])
    }
    const bytes = new TextEncoder().encode(traceOf(head(1, { title: "€".repeat(9) })))
    const inTheMiddle = bytes.indexOf(0xe2) + 1
    await expect(openTrace(new Blob([bytes.slice(0, inTheMiddle)]))).rejects.toThrow("not text")
    await expect(openTrace(new Blob([new Uint8Array([0x5b, 0xff, 0xfe, 10])]))).rejects.toThrow("it is not text")
  })

  it.each<[string, string, string | RegExp]>([
    [
      "a number out of range",
      threeVersions({ transitions: [transition(1), transition(2), { ...transition(3), epoch: -1 }] }),
      "Line 2 of the file is wrong: transitions[2].epoch must be a whole number of at least 0.",
    ],
    [
      "a number that is none",
      threeVersions({ transitions: [{ ...transition(1), version: 1e300 }] }),
      /version must be/,
    ],
    ["a fraction", threeVersions({ transitions: [{ ...transition(1), version: 1.5 }] }), /version must be a whole/],
    [
      "a time that cannot be",
      threeVersions({ transitions: [transition(1, { created_at: "9999-99-99T00:00:00Z" })] }),
      /must be a time/,
    ],
    ["a hole", threeVersions({ transitions: [transition(1), transition(3)] }), /transitions\[1\]\.version must be 2/],
    [
      "a way back",
      threeVersions({ transitions: [transition(2), transition(1)] }),
      /transitions\[1\]\.version must be 3/,
    ],
    [
      "too many versions",
      threeVersions({ transitions: [1, 2, 3, 4].map((version) => transition(version)) }),
      /version must not go on behind 3/,
    ],
    ["a state that is none", threeVersions({ transitions: [transition(1, { to: "__proto__" })] }), /to must be one of/],
    ["a missing field", threeVersions({ transitions: [{ version: 1 }] }), /transitions\[0\] lacks event/],
    [
      "a name without end",
      threeVersions({ transitions: [transition(1, { event: "E".repeat(10_000) })] }),
      /at most 200 char/,
    ],
    ["a part of another kind", parts({ type: "script", text: "x" }), /content\[0\] must have a type that is one of/],
    ["a part called by a prototype", parts({ type: "constructor" }), /must have a type/],
    [
      "a system's message",
      threeVersions({ rows: { messages: [message(1, "", { role: "system" })] } }),
      /role must be one of/,
    ],
    ["no records", threeVersions({ rows: { messages: [] } }), /lacks queued/],
    [
      "a message twice",
      threeVersions({ rows: { ...records(), messages: [message(1, "a"), message(1, "b")] } }),
      "Line 3 of the file is wrong: message 1 is out of order.",
    ],
    [
      "removed before it was there",
      threeVersions({
        rows: { ...records(), messages: [message(1, "a", { created_version: 3, removed_version: 2 })] },
      }),
      /messages\[0\] must have a removed_version above/,
    ],
    ["arguments without a bottom", nested, /100 levels/],
    [
      "a machine of another version",
      threeVersions({ first: head(3, { machine: head(2).machine }) as ReturnType<typeof head> }),
      /machine of the same version/,
    ],
    ["no object", threeVersions({ transitions: [null] }), /transitions\[0\] must be an object/],
  ])("is refused with the place where it is wrong: %s", async (_, text, words) => {
    expect(await refusal(text)).toMatch(words)
  })

  it("of more than 200 MiB is not read at all", async () => {
    expect(tooLarge(LARGEST_FILE)).toBeUndefined()
    const unread = Object.assign(new Blob([]), {
      stream: () => {
        throw new Error("It was read")
      },
    })
    Object.defineProperty(unread, "size", { value: LARGEST_FILE + 1 })
    await expect(openTrace(unread)).rejects.toThrow("Trace opens files of at most 200 MiB")
  })

  it("brings in nothing but what is known, and no chat of this server", async () => {
    const text = parts({ type: "text", text: "hi", provider_metadata: { key: "k" }, onclick: "alert(1)" })
    const polluted = text.replace(
      `"event":"RecordGenerationAttempt"`,
      `"event":"constructor","__proto__":{"polluted":1}`,
    )
    expect(polluted).not.toBe(text)
    const trace = await open(polluted)
    const { messages } = await trace.at(1)
    expect(messages[0]).toEqual({
      id: 1,
      chat_id: "file",
      created_at: at(1),
      role: "user",
      content: [{ type: "text", text: "hi" }],
    })
    expect(JSON.stringify(await trace.at(3))).not.toContain(CHAT)
    expect((await trace.transitions(1, 1)).transitions[0]).toMatchObject({ event: "constructor" })
    expect(Object.prototype).not.toHaveProperty("polluted")
  })

  it("with queued messages that were moved in circles still ends", async () => {
    const waits = (id: number, position: number) => ({
      ...message(id, "wait", { created_version: 1 }),
      kind: "queue",
      position,
    })
    const moved = (...ids: ReadonlyArray<number>) => ({
      moved_from: ids.map((id) => ({ id, position: 10 - id, kind: "queue" })),
    })
    const trace = await open(
      threeVersions({
        transitions: [transition(1), transition(2, { detail: moved(1, 2) }), transition(3, { detail: moved(2, 1, 7) })],
        rows: { ...records(), queued: [waits(1, 1), waits(2, 2)] },
      }),
    )
    const order = async (version: number) => (await trace.at(version)).queued_messages.map(({ id }) => id)
    expect([await order(1), await order(2), await order(3)]).toEqual([
      [2, 1],
      [2, 1],
      [1, 2],
    ])
  })

  it("says that a version cannot be shown which could not be replayed", async () => {
    const { mode: _, context: __, ...bare } = transition(2)
    const trace = await open(threeVersions({ transitions: [transition(1), bare, transition(3)] }))
    await expect(trace.at(2)).rejects.toThrow(/could not be replayed/)
    await expect(trace.at(0)).rejects.toThrow(/holds the versions 1 to 3, and not 0/)
    await expect(trace.at(Number.NaN)).rejects.toThrow(/holds the versions/)
  })
})

it("a file of a million versions opens, and each is shown at once", { timeout: 120_000 }, async () => {
  const MILLION = 1_000_000
  const IN_LINE = 1000
  const context = { queue: 0, steer: 0, archived: false, resume: "generate", attempt: 0, steps: 0 }
  const pieces: Array<string> = [`[${JSON.stringify(head(MILLION))}\n`]
  for (let version = 1; version <= MILLION; version += IN_LINE) {
    const rows = Array.from({ length: IN_LINE }, (_, index) => ({
      version: version + index,
      event: "E",
      detail: {},
      from: "waiting",
      to: "waiting",
      epoch: 1,
      machine_version: 1,
      created_at: at(version + index),
      // A million whole ones are longer than any file that is opened.
      ...((version + index) % 10 === 0 && { mode: "normal", context }),
    }))
    pieces.push(`,${JSON.stringify({ transitions: rows })}\n`)
  }
  pieces.push(`,${JSON.stringify({ end: { transitions: MILLION, messages: 0 } })}\n]\n`)
  const file = new Blob(pieces)
  pieces.length = 0
  const trace = await openTrace(file)
  expect(trace.counts.transitions).toBe(MILLION)
  const times: Array<number> = []
  for (let step = 0; step < 200; step += 1) {
    const version = 10 + ((step * 7919 * 1310) % (MILLION - 10))
    const began = performance.now()
    expect((await trace.at(version)).version).toBe(version)
    times.push(performance.now() - began)
  }
  expect(times.toSorted((a, b) => a - b)[100]).toBeLessThan(60)
})
