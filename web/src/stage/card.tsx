import { Link, useNavigate, useRouter } from "@tanstack/react-router"
import {
  Check,
  ChevronRight,
  KeyRound,
  type LucideIcon,
  Map as MapIcon,
  Play,
  RotateCw,
  Square,
  Undo2,
  X,
} from "lucide-react"
import { memo, type ReactNode, useCallback, useLayoutEffect, useMemo, useRef, useState } from "react"
import type { Chat } from "../../../src/contract/chats.ts"
import { rulesOffered } from "../approvals/asked-calls.ts"
import { type Decision, useDecide } from "../approvals/decide.ts"
import { useSettled } from "../approvals/sheet-keys.ts"
import { LiveGlyph, liveWords } from "../chats/state-glyph.tsx"
import { columnOf, hasPlanToRead, isIn } from "../chats/status.ts"
import type { Verdict } from "../stream/store.ts"
import { Button, buttonClass } from "../ui/button.tsx"
import { LazyPart } from "../ui/lazy-part.tsx"
import { proseText } from "../ui/prose-text.ts"
import { askedOf, questionOf } from "./asks.ts"
import { CardFacts } from "./card-facts.tsx"
import { CardField } from "./card-field.tsx"
import { type CardKey, useCardKeys } from "./card-keys.ts"
import { ActLine, AskedCalls, CardClock, KeyHint, Output, QuestionOptions } from "./card-parts.tsx"
import type { CardSheetProps } from "./card-sheet.tsx"
import { type Looks, useLook } from "./looks.ts"
import { Strip } from "./strip.tsx"
import { type CardAct, useCardAct } from "./use-card-act.ts"

const loadSheet = async () => (await import("./card-sheet.tsx")).CardSheet

/** Text is coloured only where a person is needed. */
const toneOf = (chat: Chat): string => {
  if (isIn(chat, "requires_action.approval")) return "text-s-approval-ink"
  if (isIn(chat, "requires_action.client_tools")) return "text-s-client_tools-ink"
  return columnOf(chat) === "failed" ? "text-danger" : "text-ink-soft"
}

/** Of more calls than a card has room for. */
const FIRST_CALLS = 2

interface ActProps {
  readonly Icon: LucideIcon
  readonly label: string
  readonly keys?: string
  readonly primary?: boolean
  readonly busy: boolean
  readonly tabIndex: number
  readonly onClick: () => void
}

const Act = ({ Icon, label, keys, primary = false, busy, tabIndex, onClick }: ActProps) => (
  <Button
    size="small"
    look={primary ? "primary" : "plain"}
    data-primary={primary || undefined}
    busy={busy}
    tabIndex={tabIndex}
    onClick={onClick}
    className="max-md:flex-1"
  >
    {!busy && <Icon aria-hidden className={`size-3.5 ${Icon === Square ? "scale-75 fill-current" : ""}`} />}
    {label}
    {keys !== undefined && <KeyHint keys={keys} />}
  </Button>
)

/** Where the reason is told: a page that is loaded with its own address. */
const WhyLink = ({ chatId, tabIndex }: { readonly chatId: string; readonly tabIndex: number }) => {
  const { history } = useRouter()
  const href = `/agents/${chatId}/trace`
  return (
    <a
      href={href}
      tabIndex={tabIndex}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return
        event.preventDefault()
        history.push(href)
      }}
      className={buttonClass("quiet", "small")}
    >
      Why?
    </a>
  )
}

const KEY_AT_FAULT: ReadonlySet<string | undefined> = new Set(["auth", "missing_key", "provider_disabled"])

interface CardProps {
  readonly chat: Chat
  readonly looks: Looks
  /** The one that the Tab key reaches; the buttons of the others are left out. */
  readonly current: boolean
}

/** What is written on a card where it is no answer to a question, which has the id of its call. */
const STEERING = "steer"

/** One chat on the board: what it does, what it asks, and what can be done about it. */
export const Card = memo(({ chat, looks, current }: CardProps) => {
  const look = useLook(looks, chat)
  const navigate = useNavigate()
  const card = useRef<HTMLElement>(null)
  const [writing, setWriting] = useState<string>()
  const writtenAbout = useRef(writing)
  useLayoutEffect(() => {
    writtenAbout.current = writing
  })
  const [sheet, setSheet] = useState(false)
  const column = columnOf(chat)
  const asked = useMemo(() => (look === undefined ? undefined : askedOf(look)), [look])
  const question = useMemo(() => (look === undefined ? undefined : questionOf(look)), [look])
  const approvals = look?.approvals ?? []
  const isSettled = useSettled([...approvals.map(({ id }) => id), ...(question === undefined ? [] : [question.callId])])
  const tabIndex = current ? 0 : -1

  const backToCard = () => card.current?.focus({ preventScroll: true })
  const { act, busy, refusal } = useCardAct(chat.id, (done: CardAct) => {
    if (done.do === "answer") looks.answered(chat.id, [done.callId])
    const about = done.do === "answer" ? done.callId : STEERING
    // The next question may have come before the answer to the last one was acknowledged.
    const other = writtenAbout.current
    if (other !== undefined && other !== about) return
    setWriting(undefined)
    backToCard()
  })
  const decide = useDecide({
    chatId: chat.id,
    onDecided: ({ calls }) => {
      looks.answered(
        chat.id,
        calls.map(({ id }) => id),
      )
      setSheet(false)
    },
    onLeft: (left) => {
      const waits = new Set(left.map(({ id }) => id))
      looks.answered(
        chat.id,
        approvals.flatMap(({ id }) => (waits.has(id) ? [] : [id])),
      )
    },
  })
  const deciding = decide.isPending ? decide.variables.verdict : undefined
  const closeSheet = useCallback(() => setSheet(false), [])

  const answerCalls = (verdict: Verdict, allow = false) => {
    if (asked === undefined || deciding !== undefined) return
    if (!asked.whole) return setSheet(true)
    if (!isSettled()) return
    const decision: Decision = { calls: approvals, verdict }
    decide.mutate(allow ? { ...decision, allow: [...rulesOffered(approvals).values()] } : decision)
    backToCard()
  }
  const answerQuestion = (index: number) => {
    if (question === undefined || !isSettled()) return
    const text = question.options[index]
    if (text !== undefined) act({ do: "answer", callId: question.callId, text })
    else if (index === question.options.length) setWriting(question.callId)
  }

  const asks = look !== undefined && look.asked > 0
  const onKey = (key: CardKey): boolean => {
    if (key === "open") {
      void navigate({ to: "/agents/$chatId", params: { chatId: chat.id } })
      return true
    }
    if (typeof key === "object") {
      answerQuestion(key.answer - 1)
      return question !== undefined
    }
    if (!asks) return false
    answerCalls(key === "deny" ? "deny" : "approve", key === "approve and allow")
    return true
  }
  const keys = useCardKeys(onKey)

  const button = { busy: false, tabIndex }
  const open = (
    <Link
      to="/agents/$chatId"
      params={{ chatId: chat.id }}
      tabIndex={tabIndex}
      className={buttonClass("quiet", "small")}
    >
      Open
    </Link>
  )

  const acts = (): ReactNode => {
    if (asks && asked !== undefined) {
      const words = asked.whole ? "Approve" : "Review"
      return (
        <>
          <Act
            {...button}
            Icon={Check}
            label={`${words} ${look.asked}`}
            keys="A"
            primary
            busy={deciding === "approve"}
            onClick={() => answerCalls("approve")}
          />
          {asked.whole && (
            <Act
              {...button}
              Icon={X}
              label="Deny"
              keys="D"
              busy={deciding === "deny"}
              onClick={() => answerCalls("deny")}
            />
          )}
          {asked.whole && (
            <button
              type="button"
              aria-label={`Decide about each call of “${proseText(chat.title)}”`}
              title="Decide about each"
              tabIndex={tabIndex}
              onClick={() => setSheet(true)}
              className="ml-auto inline-flex size-6 items-center justify-center rounded-control text-ink-faint transition-colors hover:bg-hover hover:text-ink pointer-coarse:size-11"
            >
              <ChevronRight aria-hidden className="size-4" />
            </button>
          )}
        </>
      )
    }
    if (hasPlanToRead(chat)) {
      return (
        <>
          <Link
            to="/agents/$chatId"
            params={{ chatId: chat.id }}
            tabIndex={tabIndex}
            className={buttonClass("plain", "small")}
          >
            <MapIcon aria-hidden className="size-3.5" />
            Read plan
          </Link>
          <Act
            {...button}
            Icon={Play}
            label="Carry out"
            busy={busy === "carry out"}
            onClick={() => act({ do: "carry out" })}
          />
        </>
      )
    }
    switch (column) {
      case "needs you":
        return look !== undefined && question === undefined ? open : null
      case "at work":
        return (
          <>
            {look?.retry === undefined ? (
              <Act {...button} Icon={Undo2} label="Steer" onClick={() => setWriting(STEERING)} />
            ) : (
              <Act
                {...button}
                Icon={RotateCw}
                label="Try now"
                busy={busy === "retry"}
                onClick={() => act({ do: "retry" })}
              />
            )}
            <Act {...button} Icon={Square} label="Stop" busy={busy === "stop"} onClick={() => act({ do: "stop" })} />
          </>
        )
      case "queued":
        return <Act {...button} Icon={X} label="Cancel" busy={busy === "stop"} onClick={() => act({ do: "stop" })} />
      case "failed":
        return (
          <>
            <Act
              {...button}
              Icon={RotateCw}
              label="Retry"
              busy={busy === "retry"}
              onClick={() => act({ do: "retry" })}
            />
            {KEY_AT_FAULT.has(chat.last_error?.kind) && (
              <Link to="/settings/models" tabIndex={tabIndex} className={buttonClass("plain", "small")}>
                <KeyRound aria-hidden className="size-3.5" />
                Fix key
              </Link>
            )}
            <WhyLink chatId={chat.id} tabIndex={tabIndex} />
          </>
        )
      case "resting":
        return open
    }
  }

  const shown = asked?.whole === true ? asked.calls : asked?.calls.slice(0, FIRST_CALLS)
  const attempts = column === "failed" ? chat.last_error?.attempts : undefined
  const offered = asks && asked?.whole === true && rulesOffered(approvals).size > 0
  const paused = decide.isPaused ? "You are offline. This is decided once you are back." : undefined
  const trouble = refusal ?? paused
  return (
    <article
      ref={card}
      {...keys}
      data-card={chat.id}
      tabIndex={tabIndex}
      aria-label={proseText(chat.title) || "New chat"}
      className="board-card group/card flex flex-col gap-2 rounded-card border border-line bg-raised px-3 pt-2.5 pb-2.25 shadow-low focus-within:border-accent focus-within:shadow-composer focus-visible:outline-offset-0"
    >
      <header className="grid grid-cols-[1rem_minmax(0,1fr)_auto] items-start gap-2">
        <LiveGlyph chat={look === undefined ? chat : { ...chat, activity: look.activity }} className="mt-0.5" />
        <h3 className="line-clamp-2 font-semibold text-pretty">
          <Link to="/agents/$chatId" params={{ chatId: chat.id }} tabIndex={-1} className="hover:underline">
            {proseText(chat.title) || "New chat"}
          </Link>
        </h3>
        <span className={toneOf(chat)}>
          <CardClock look={look} since={look?.since ?? chat.updated_at} />
        </span>
      </header>
      <p className={`-mt-1.25 ml-6 text-xs text-pretty [overflow-wrap:anywhere] ${toneOf(chat)}`}>
        <ActLine chat={chat} look={look} words={liveWords(chat)} />
      </p>
      {attempts !== undefined && (
        <p className="-mt-1.5 ml-6 text-xs text-ink-faint">{attempts} tries, nothing is lost.</p>
      )}
      {asks && shown !== undefined && <AskedCalls calls={shown} more={look.asked - shown.length} />}
      {look !== undefined && !asks && <Output lines={look.output} />}
      {question !== undefined && writing === undefined && (
        <QuestionOptions
          question={question}
          busy={busy !== undefined}
          tabIndex={tabIndex}
          onAnswer={(text) => isSettled() && act({ do: "answer", callId: question.callId, text })}
          onWrite={() => setWriting(question.callId)}
        />
      )}
      {look !== undefined && <Strip strip={look.strip} />}
      {look !== undefined && <CardFacts look={look} />}
      {trouble !== undefined && (
        <p role="alert" className="text-xs text-danger">
          {trouble}
        </p>
      )}
      {writing !== undefined ? (
        <CardField
          label={writing === STEERING ? "Steer this turn" : "Your answer"}
          verb={writing === STEERING ? "Steer" : "Answer"}
          busy={busy !== undefined}
          // To the question that it was begun for, whichever stands there by now.
          onSend={(text) => act(writing === STEERING ? { do: "steer", text } : { do: "answer", callId: writing, text })}
          onClose={() => {
            setWriting(undefined)
            backToCard()
          }}
        />
      ) : (
        <div className="flex flex-wrap items-center gap-1.5 empty:hidden">{acts()}</div>
      )}
      {offered && (
        <p className="hidden text-2xs text-ink-faint group-focus-within/card:block pointer-coarse:hidden">
          Shift A allows the like in this chat
        </p>
      )}
      {sheet && (
        <LazyPart<CardSheetProps>
          name="What this chat asks"
          load={loadSheet}
          props={{ chatId: chat.id, title: chat.title, deciding, onDecide: decide.mutate, onClose: closeSheet }}
        />
      )}
    </article>
  )
})
