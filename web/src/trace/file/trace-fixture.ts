import type { TraceTransition } from "../../../../src/contract/trace.ts"
import { FORMAT, FORMAT_VERSION } from "./check-head.ts"

/** Trace files for tests: one that is right, and the same with something else in it. */

export const CHAT = "00000000-0000-4000-8000-00000000cafe"
const BEGAN = Date.UTC(2026, 10, 12, 14, 0)
export const at = (second: number): string => new Date(BEGAN + second * 1000).toISOString()

const context = { queue: 0, steer: 0, archived: false, resume: "generate", attempt: 1, steps: 0 }

export const transition = (version: number, more: Partial<TraceTransition> = {}): TraceTransition => ({
  version,
  event: "RecordGenerationAttempt",
  detail: {},
  from: "running.generating",
  to: "running.generating",
  epoch: 1,
  machine_version: 1,
  created_at: at(version),
  mode: "normal",
  context,
  ...more,
})

export const head = (version: number, more: Readonly<Record<string, unknown>> = {}) => ({
  format: FORMAT,
  format_version: FORMAT_VERSION,
  exported_at: at(version + 60),
  title: "Cap retries",
  chat_id: CHAT,
  owner_id: "u",
  owner_name: "olga",
  models: { m: "Large" },
  version,
  machine: {
    version,
    status: "running",
    life: "running.generating",
    mode: "normal",
    context,
    definition: {
      id: "chat",
      version: 1,
      states: [
        {
          path: "life.running.generating",
          type: "atomic",
          tags: ["owned", "working", "slot", "asks-model"],
          effects: ["generate"],
        },
      ],
      transitions: [],
    },
    machine_version: 1,
    owner: { instance: null, epoch: 1, recovery_attempts: 0 },
    deadlines: [],
    pending_calls: [],
    accepts: ["Interrupt"],
    refuses: [],
  },
  steps: {
    first_version: 1,
    last_version: version,
    states: [{ version: 1, event: "Create", activity: "running.generating", status: "running", since: at(1) }],
    prompts: [{ message_id: 1, version: 1, since: at(1), sent_by: "u" }],
    attempts: [{ version: 1, since: at(1), model_config_id: "m" }],
    calls: [],
    owners: [{ epoch: 1, version: 1, since: at(1) }],
  },
  attempts: [],
  ...more,
})

export const message = (id: number, text: string, more: Readonly<Record<string, unknown>> = {}) => ({
  id,
  chat_id: CHAT,
  created_at: at(id),
  role: "user",
  content: [{ type: "text", text }],
  created_version: 1,
  ...more,
})

export const records = (more: Readonly<Record<string, unknown>> = {}) => ({
  messages: [message(1, "go")],
  queued: [],
  calls: [],
  ...more,
})

/** The file of these elements. */
export const traceOf = (...elements: ReadonlyArray<unknown>): string =>
  `[${elements.map((element) => JSON.stringify(element)).join("\n,")}\n]\n`

/** A file of three versions. */
export const threeVersions = ({
  first = head(3),
  transitions = [
    transition(1, { event: "Create", from: "none" }),
    transition(2),
    transition(3),
  ] as ReadonlyArray<unknown>,
  rows = records() as { readonly messages: ReadonlyArray<unknown> } & Readonly<Record<string, unknown>>,
} = {}): string =>
  traceOf(first, { transitions }, rows, { end: { transitions: transitions.length, messages: rows.messages.length } })
