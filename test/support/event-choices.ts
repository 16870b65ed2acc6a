import type { LoadedChat } from "../../src/db/chats/store/loaded-chat.ts"
import type { ChatEventType, ChatMachineEvent } from "../../src/machines/chat-events.ts"
import { everyEvent, type Step } from "./random-lives.ts"

/** Which steps make a difference: a queue has a head and a tail, calls are answered one by one or all at once. */

type Choice = Pick<Step, "pick" | "size">

const ends = (count: number): ReadonlyArray<Choice> =>
  [...new Set([0, Math.max(0, count - 1)])].map((pick) => ({ pick, size: 0 }))

const queueEnds = ({ queue }: LoadedChat) => ends(queue.length)

const choicesOf: Partial<
  Record<ChatEventType, (rows: LoadedChat, userMessages: ReadonlyArray<number>) => ReadonlyArray<Choice>>
> = {
  EditMessage: (_, userMessages) => ends(userMessages.length),
  DeleteQueuedMessage: queueEnds,
  PromoteQueuedMessage: queueEnds,
  // Moved, and rewritten or not.
  ChangeQueuedMessage: (rows) => queueEnds(rows).flatMap((choice) => [2, 3].map((size) => ({ ...choice, size }))),
  // Two calls that a person is asked about, or one that nobody is asked about.
  RecordToolCalls: () => [
    { pick: 0, size: 1 },
    { pick: 1, size: 0 },
  ],
  // The first is approved, or all are denied.
  DecideApproval: ({ openCalls }) => [
    { pick: 0, size: 0 },
    { pick: 1, size: Math.max(0, openCalls.filter(({ approval }) => approval === "asked").length - 1) },
  ],
  // None of the calls that wait is decided by the new rules, or all are.
  SetToolPolicy: ({ openCalls }) => [
    { pick: 0, size: 0 },
    { pick: 0, size: openCalls.filter(({ approval }) => approval === "asked").length },
  ],
  // With and without something that was shown; what tools have done is told in any case.
  FinishInterruption: ({ openCalls }) =>
    openCalls.length === 0
      ? [
          { pick: 0, size: 0 },
          { pick: 1, size: 0 },
        ]
      : oneWay,
}

const oneWay = [{ pick: 0, size: 0 }]

/** The rows decide which of the variants of these it is, so one is enough. */
const decidedByRows: ReadonlySet<ChatEventType> = new Set([
  "DeleteQueuedMessage",
  "PromoteQueuedMessage",
  "DecideApproval",
  "SetToolPolicy",
])

const slotOf = (event: ChatMachineEvent) => ("slot" in event ? event.slot : undefined)

const distinct = everyEvent.filter(
  (event, index) =>
    !decidedByRows.has(event.type) ||
    everyEvent.findIndex((other) => other.type === event.type && slotOf(other) === slotOf(event)) === index,
)

/** Every event in each way that makes a difference to the rows. */
export const everyChoice = (rows: LoadedChat, userMessages: ReadonlyArray<number>): ReadonlyArray<Step> =>
  distinct.flatMap((event) =>
    (choicesOf[event.type]?.(rows, userMessages) ?? oneWay).map((choice) => ({ event, ...choice })),
  )

/** A step of that type: of its first variant, with its first choice. */
export const stepOf = (type: ChatEventType, choice: Partial<Choice> = {}): Step => {
  const event = everyEvent.find((candidate) => candidate.type === type)
  if (event === undefined) throw new Error(`${type} is no event of these lives`)
  return { event, pick: 0, size: 0, ...choice }
}
