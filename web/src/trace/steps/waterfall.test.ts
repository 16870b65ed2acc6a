import { describe, expect, it } from "vitest"
import type { ChatSteps } from "../../../../src/contract/steps.ts"
import { at, lifeOf } from "../life-fixture.ts"
import { costOf, rowsBetween, rowWords, waterfallOf } from "./waterfall.ts"

type Attempt = ChatSteps["attempts"][number]
type Call = ChatSteps["calls"][number]

const attempt = (version: number, since: number, until: number, more: Partial<Attempt> = {}): Attempt => ({
  version,
  since: at(since),
  until: at(until),
  ended_version: version + 1,
  end: "replied",
  ...more,
})

const call = (id: string, message_id: number, asked: number, more: Partial<Call> = {}): Call => ({
  id,
  tool_call_id: `call-${id}`,
  tool_name: "execute",
  message_id,
  asked: at(asked),
  state: "done",
  ...more,
})

const life = lifeOf(
  [
    [0, "pending"],
    [200, "running.generating", "Admit"],
    [1000, "running.backing_off"],
    [2000, "running.generating"],
    [3000, "running.executing"],
    [4000, "running.generating"],
    [5000, "waiting"],
    [9000, "running.compacting"],
    [9500, "running.generating"],
    [9900, "waiting"],
  ],
  {
    attempts: [
      attempt(2, 200, 1000, { end: "retried", first_token: at(600) }),
      attempt(4, 2000, 3000, {
        first_token: at(2400),
        message_id: 12,
        usage: { input_tokens: 21_000, output_tokens: 214 },
        cost_micros: 1500,
      }),
      attempt(6, 4000, 5000, { cost_micros: 500 }),
      attempt(8, 9000, 9500),
      attempt(9, 9500, 9900),
    ],
    calls: [
      call("a", 12, 3000, { since: at(3000), until: at(3400) }),
      call("b", 12, 3000, { since: at(3000), until: at(3900), is_error: true }),
      call("c", 12, 3000, { approval: "denied" }),
    ],
  },
)

const rows = waterfallOf(life, Date.parse(at(9900)))

describe("the waterfall", () => {
  it("has a row for each wait, admission, attempt and call, in the order they began", () => {
    expect(rows.map(({ label, within, took, version }) => [within ? `  ${label}` : label, took, version])).toEqual([
      ["Wait for a slot", "200 ms", 1],
      ["Admit", "", 2],
      ["Step 1, try 1", "tried again", 2],
      ["  Back off", "1.0 s", 3],
      ["Step 1, try 2", "21.0k → 214", 4],
      ["  execute", "400 ms", 5],
      ["  execute", "900 ms", 5],
      ["  execute", "denied", 5],
      ["Step 2", "", 6],
      ["Compact", "", 8],
      ["Step 1", "", 9],
    ])
  })

  it("tells waiting for the first token from streaming, and what was kept from what was cut off", () => {
    const [cut, kept] = rows.filter(({ label }) => label.startsWith("Step 1, try"))
    const shape = (row: typeof cut) => row?.bars.map(({ look, from, to }) => [look, (to ?? 0) - from])
    expect([shape(cut), cut?.broken, cut?.kept]).toEqual([
      [
        ["asked", 400],
        ["streaming", 400],
      ],
      true,
      undefined,
    ])
    expect([shape(kept), kept?.broken, kept?.kept]).toEqual([
      [
        ["asked", 400],
        ["streaming", 600],
      ],
      false,
      Date.parse(at(3000)),
    ])
  })

  it("says a row in words", () => {
    const row = rows.find(({ label }) => label === "Step 1, try 2")
    expect(row && rowWords(row)).toBe("Step 1, try 2, 1.0 s, 21.0k → 214, $0.0015, version 4")
    const failed = rows.find(({ key }) => key === "cb")
    expect(failed && rowWords(failed, "npm test")).toBe("execute npm test, 900 ms, came to nothing, version 5")
  })

  it("is cut to a turn, and counts what it cost", () => {
    expect(rowsBetween(rows, Date.parse(at(9000)), Infinity).map(({ label }) => label)).toEqual(["Compact", "Step 1"])
    expect(costOf(life.attempts)).toBe(2000)
    expect(costOf([])).toBeUndefined()
  })

  it("has open rows for what goes on", () => {
    const going = lifeOf([[0, "running.generating"]], { attempts: [{ version: 1, since: at(0) }] })
    const [row] = waterfallOf(going, Date.parse(at(500)))
    expect([row?.to, row?.broken, row?.bars.map(({ look, to }) => [look, to])]).toEqual([
      undefined,
      false,
      [["asked", undefined]],
    ])
  })
})
