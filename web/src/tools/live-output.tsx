import { useMutation } from "@tanstack/react-query"
import { useParams } from "@tanstack/react-router"
import { ArrowDown, ArrowDownToLine, Square } from "lucide-react"
import { useEffect, useLayoutEffect, useRef, useState } from "react"
import { call as callApi, messageOf } from "../api/client.ts"
import { useHost } from "../chat/reading-along.ts"
import { type Extent, extentOf, followsAfter } from "../chat/stick-to-bottom.ts"
import { Timer } from "../chats/timer.tsx"
import { Button } from "../ui/button.tsx"
import { CopyButton } from "../ui/copy-button.tsx"
import { notifyFailure } from "../ui/notify.ts"
import { plainLines, TerminalReader } from "./terminal-lines.ts"
import { TerminalLines } from "./terminal-text.tsx"
import type { ToolCall } from "./tool-call.ts"

/** Lines on the page; the copy has them all. */
const SHOWN_LINES = 400

/** Ends this call alone; its turn goes on with what is left of it. */
const StopCall = ({ id }: { readonly id: string }) => {
  const { chatId } = useParams({ from: "/signed-in/chats-layout/agents/$chatId" })
  const stop = useMutation({
    mutationFn: () => callApi("stopToolCall", { path: { chat: chatId, id } }),
    onError: (error) => notifyFailure("The call was not stopped", messageOf(error)),
  })
  const stopping = stop.isPending || stop.isSuccess
  if (useHost() !== undefined) return null
  return (
    <Button look="quiet-danger" busy={stopping} onClick={() => stop.mutate()}>
      {!stopping && <Square aria-hidden className="size-3 fill-current" />}
      {stopping ? "Stopping" : "Stop this call"}
    </Button>
  )
}

/** By which a reader goes up. */
const KEYS_UP: ReadonlySet<string> = new Set(["Home", "PageUp", "ArrowUp"])

/** A box that stays at its end while it grows, until its reader goes up. */
const useTail = (length: number) => {
  const boxRef = useRef<HTMLDivElement>(null)
  const before = useRef<Extent>({ scrollTop: 0, scrollHeight: 0, clientHeight: 0 })
  const [follows, setFollows] = useState(true)
  // Known before it is drawn: text that comes in between must not put the reader back, nor end the scroll that a key began.
  const following = useRef(true)
  const decide = (next: boolean) => {
    following.current = next
    setFollows(next)
  }
  const toEnd = () => {
    const box = boxRef.current
    if (box === null) return
    box.scrollTop = box.scrollHeight
    before.current = extentOf(box)
  }
  useLayoutEffect(() => {
    if (following.current) toEnd()
  }, [length, follows])
  useEffect(() => {
    const box = boxRef.current
    if (box === null) return
    const look = () => {
      const was = before.current
      before.current = extentOf(box)
      decide(followsAfter(following.current, was, before.current))
    }
    const leave = () => {
      if (box.scrollTop > 0) decide(false)
    }
    const onKey = ({ key }: KeyboardEvent) => {
      if (KEYS_UP.has(key)) leave()
    }
    const onWheel = ({ deltaY }: WheelEvent) => {
      if (deltaY < 0) leave()
    }
    box.addEventListener("scroll", look, { passive: true })
    box.addEventListener("wheel", onWheel, { passive: true })
    box.addEventListener("keydown", onKey)
    return () => {
      box.removeEventListener("scroll", look)
      box.removeEventListener("wheel", onWheel)
      box.removeEventListener("keydown", onKey)
    }
  }, [])
  return { boxRef, follows, follow: () => decide(true) }
}

const counted = (lines: number): string => `${lines.toLocaleString()} ${lines === 1 ? "line" : "lines"}`

/** What a call that is at work writes, as it comes. */
export const LiveOutput = ({ call: { id, output = "", since } }: { readonly call: ToolCall }) => {
  const [reader] = useState(() => new TerminalReader())
  const lines = reader.read(output)
  const { boxRef, follows, follow } = useTail(output.length)
  const from = Math.max(0, lines.length - SHOWN_LINES)
  // The last is empty where the output ends with the end of a line.
  const count = lines.at(-1)?.length === 0 ? lines.length - 1 : lines.length
  return (
    <div className="overflow-hidden rounded-control border border-line bg-sunken">
      <div className="flex min-h-8 flex-wrap items-center gap-x-3 border-b border-line py-0.5 pr-1 pl-3 text-xs text-ink-faint">
        <span className="flex items-center gap-1.5 text-s-executing-ink">
          <span aria-hidden className="live-dot size-2 rounded-full bg-s-executing" />
          live
        </span>
        <Timer since={since} />
        {count > 0 && (
          <span className="tabular-nums">
            {counted(count)}
            {from > 0 && `, newest ${SHOWN_LINES} shown`}
          </span>
        )}
        <span className="ml-auto flex items-center">
          {output !== "" && (
            <Button look="quiet" className="font-normal" aria-pressed={follows} onClick={follow}>
              {follows ? (
                <ArrowDownToLine aria-hidden className="size-3.5" />
              ) : (
                <ArrowDown aria-hidden className="size-3.5" />
              )}
              {follows ? "Following" : "Follow"}
            </Button>
          )}
          {output !== "" && <CopyButton label="Copy the output" text={() => plainLines(lines)} />}
          <StopCall id={id} />
        </span>
      </div>
      <div
        ref={boxRef}
        role="group"
        aria-label="Live output"
        tabIndex={0}
        className="max-h-72 overflow-y-auto overscroll-contain [overflow-anchor:none] focus-visible:outline-offset-[-2px]"
      >
        <pre className="px-3 py-2 font-mono text-xs leading-5 whitespace-pre-wrap text-ink [overflow-wrap:anywhere]">
          {output === "" ? (
            <span className="text-ink-faint">No output yet</span>
          ) : (
            <TerminalLines lines={lines.slice(from)} from={from} />
          )}
        </pre>
      </div>
    </div>
  )
}
