import type { ChatAtVersion, ChatMachineState, ChatTransition } from "../../../src/contract/inspection.ts"
import type { TraceSource } from "../trace/trace-source.ts"
import { chats, me } from "./fixtures.ts"
import { machineGraph } from "./machine-fixture.ts"

/** A chat's life as Trace reads it: the same turn again and again, up to a version that waits. */

const CHAT = chats[0]?.id ?? ""
const SERVER = "6f0d9a3e-0000-4000-8000-0000000000aa"
const BEGAN = Date.parse("2026-11-12T14:02:40.000Z")

type Step = readonly [event: string, to: string, ms: number, detail?: Readonly<Record<string, unknown>>]

const TURN: ReadonlyArray<Step> = [
  ["SendMessage", "pending", 26_482, { busy_behavior: "queue", model_config_id: chats[0]?.last_model_config_id }],
  ["Admit", "running.generating", 6_213, { recovery_attempts: 0 }],
  ["RecordToolCalls", "running.executing", 4_587, { tool_call_ids: ["a", "b"], first_token_ms: 912 }],
  ["CommitStep", "running.generating", 18_004],
  ["RecordGenerationAttempt", "running.generating", 5, { recovery_attempts: 0 }],
  ["RecordRetryState", "running.backing_off", 660, { attempt: 1, delay_ms: 8000, kind: "rate_limit" }],
  ["SendMessage", "running.backing_off", 4_566, { busy_behavior: "steer" }],
  ["RecordGenerationAttempt", "running.generating", 3_444],
  ["FinishTurn", "waiting", 12_127, { first_token_ms: 803 }],
]

const stepAt = (version: number): Step => {
  if (version === 1) return ["Create", "pending", 0, { plan_mode: false }]
  return TURN[(version - 1) % TURN.length] ?? ["ACTIVATE", "waiting", 0]
}

const PERIOD = TURN.reduce((sum, [, , ms]) => sum + ms, 0)
const timeAt = (version: number): string => {
  const turns = Math.floor((version - 1) / TURN.length)
  const within = TURN.slice(1, ((version - 1) % TURN.length) + 1).reduce((sum, [, , ms]) => sum + ms, 0)
  return new Date(BEGAN + turns * PERIOD + within).toISOString()
}

const transitionAt = (version: number): ChatTransition => {
  const [event, to, , detail = {}] = stepAt(version)
  const isPersons = event === "SendMessage" || event === "Create"
  return {
    version,
    event,
    detail,
    from: version === 1 ? "none" : stepAt(version - 1)[1],
    to,
    ...(isPersons ? { actor_user_id: me.id } : { instance: SERVER }),
    epoch: 4,
    machine_version: 1,
    duration_us: 900 + ((version * 7919) % 9000),
    created_at: timeAt(version),
    ...(isPersons && { messages: [version] }),
    ...(event === "RecordToolCalls" && {
      attempt: {
        version: version - 1,
        since: timeAt(version - 1),
        until: timeAt(version),
        ended_version: version,
        end: "replied" as const,
        usage: { input_tokens: 21_000, output_tokens: 214 },
        cost_micros: 41_300,
      },
    }),
  }
}

const ACCEPTS = ["SendMessage", "SetMode", "SetToolPolicy", "EditMessage", "Interrupt", "FinishError"]
const REFUSES = [
  { event: "Steer", reason: "No message waits to steer the turn." },
  { event: "PromoteQueuedMessage", reason: "No message waits in the queue." },
  { event: "ReconcileInvalidState", reason: "The chat is in a state of the machine." },
]

const stateAt = (version: number): ChatAtVersion => {
  const transition = transitionAt(version)
  const { to } = transition
  const status = to.split(".")[0] as ChatAtVersion["status"]
  return {
    version,
    status,
    life: to,
    mode: "normal",
    context: {
      queue: to.endsWith("backing_off") ? 1 : 0,
      steer: 0,
      archived: false,
      resume: "generate",
      attempt: to.startsWith("running") ? 2 : 0,
      steps: version % TURN.length,
    },
    messages: [],
    queued_messages: [],
    pending_calls: [],
    transition,
    accepts: ACCEPTS,
    refuses: REFUSES,
    deadlines: to.endsWith("backing_off") ? [{ name: "retry", at: timeAt(version + 2) }] : [],
  }
}

interface Fixture {
  readonly key: string
  readonly last: number
  readonly kind?: TraceSource["kind"]
  readonly more?: Partial<ChatMachineState>
}

/** A source that answers at once, from nothing but numbers. */
export const traceFixture = ({ key, last, kind = "chat", more = {} }: Fixture): TraceSource => ({
  kind,
  chatId: CHAT,
  key,
  steps: () => Promise.reject(new Error("The gallery shows no steps.")),
  machine: async () => {
    const { version, status, life, mode, context, accepts = [], refuses = [], deadlines = [] } = stateAt(last)
    return {
      ...{ version, status, life, mode, context, accepts, refuses, deadlines },
      definition: machineGraph,
      machine_version: 1,
      owner: { instance: SERVER, epoch: 4, recovery_attempts: 0 },
      pending_calls: [],
      ...more,
    }
  },
  about: () => Promise.reject(new Error("The gallery knows nothing else of it.")),
  attempts: async () => [],
  at: async (version) => stateAt(version),
  transitions: async (after, limit) => {
    const count = Math.max(0, Math.min(limit, last - after))
    return {
      transitions: Array.from({ length: count }, (_, index) => transitionAt(after + index + 1)),
      has_more: after + limit < last,
    }
  },
})
