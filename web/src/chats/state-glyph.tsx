import {
  CircleCheck,
  CircleDashed,
  CirclePause,
  FoldVertical,
  Hourglass,
  LoaderCircle,
  type LucideIcon,
  Plug,
  ShieldQuestionMark,
  SquareTerminal,
  TriangleAlert,
} from "lucide-react"
import type { Activity, Chat } from "../../../src/contract/chats.ts"

interface Look {
  readonly Icon: LucideIcon
  /** What goes on, for people. */
  readonly words: string
  readonly look: string
}

/** One glyph, one colour and one phrase for each state of a chat, the same everywhere. */
const looks: Readonly<Record<Activity, Look>> = {
  waiting: { Icon: CircleCheck, words: "Idle", look: "text-s-waiting" },
  pending: { Icon: CircleDashed, words: "Waiting to start", look: "text-s-pending" },
  "running.generating": { Icon: LoaderCircle, words: "Writing the answer", look: "spin text-s-generating" },
  "running.executing": { Icon: SquareTerminal, words: "Running tools", look: "text-s-executing" },
  "running.compacting": { Icon: FoldVertical, words: "Compacting the conversation", look: "text-s-compacting" },
  "running.backing_off": { Icon: Hourglass, words: "Waiting to ask the provider again", look: "text-s-backing_off" },
  "running.interrupting": { Icon: CirclePause, words: "Stopping", look: "text-s-interrupting" },
  "requires_action.client_tools": {
    Icon: Plug,
    words: "Waits for an answer from outside",
    look: "text-s-client_tools",
  },
  "requires_action.approval": { Icon: ShieldQuestionMark, words: "Asks for your approval", look: "text-s-approval" },
  error: { Icon: TriangleAlert, words: "Failed", look: "text-s-error" },
}

/** Where a newer server tells of a state that this page does not know, its status says enough. */
const byStatus: Readonly<Record<Chat["status"], Look>> = {
  waiting: looks.waiting,
  pending: looks.pending,
  running: { ...looks["running.generating"], words: "Running" },
  requires_action: { ...looks["requires_action.client_tools"], words: "Needs you" },
  error: looks.error,
}

const isKnown = (activity: string): activity is Activity => Object.hasOwn(looks, activity)

interface State {
  readonly status: Chat["status"]
  readonly activity: string
}

/** A list hears of a running chat's steps too seldom to say which one it is. */
const lookInList = ({ status, activity }: State): Look =>
  status !== "running" && isKnown(activity) ? looks[activity] : byStatus[status]

const lookLive = ({ status, activity }: State): Look => (isKnown(activity) ? looks[activity] : byStatus[status])

/** Of a chat of somebody else nothing waits for who reads it. */
const wordsOf = ({ words }: Look, { status }: State, others: boolean): string =>
  others && status === "requires_action" ? "Waits for its owner" : words

interface StateGlyphProps {
  readonly chat: State
  /** It is a chat of somebody else. */
  readonly others?: boolean
  /** Which step a running chat is at is known: it is not one of a list. */
  readonly live?: boolean
  readonly className?: string
}

/** The state of a chat, in a list or alone. */
export const StateGlyph = ({ chat, live = false, others = false, className = "" }: StateGlyphProps) => {
  const shown = live ? lookLive(chat) : lookInList(chat)
  const { Icon, look } = shown
  return (
    <Icon role="img" aria-label={wordsOf(shown, chat, others)} className={`size-4 shrink-0 ${look} ${className}`} />
  )
}

export const liveWords = (chat: State): string => lookLive(chat).words

/** The state of a chat that is heard of as it goes on. */
export const LiveGlyph = ({ chat, className = "" }: StateGlyphProps) => {
  const { Icon, words, look } = lookLive(chat)
  return <Icon role="img" aria-label={words} className={`size-4 shrink-0 ${look} ${className}`} />
}

/** The state of the open chat, in words. Nothing while it rests. */
export const StateChip = ({ state, others = false }: { readonly state: State; readonly others?: boolean }) => {
  const shown = lookLive(state)
  const { Icon, look } = shown
  if (state.status === "waiting") return null
  return (
    <span className="inline-flex h-5 max-w-full min-w-0 items-center gap-1.5 rounded-full bg-selected pr-2 pl-1.5 text-xs text-ink-soft">
      <Icon aria-hidden className={`size-3.5 shrink-0 ${look}`} />
      <span className="truncate">{wordsOf(shown, state, others)}</span>
    </span>
  )
}

/** A state in words: "Running tools". */
export const stateWords = (state: State): string => lookLive(state).words

/** One line beneath a chat's title: why it failed, what goes on, or what its last turn came to. */
export const chatLine = (chat: Pick<Chat, "status" | "activity" | "last_error" | "last_turn_summary">): string => {
  if (chat.status === "error") return chat.last_error?.message ?? lookInList(chat).words
  if (chat.status !== "waiting") return lookInList(chat).words
  return chat.last_turn_summary ?? ""
}
