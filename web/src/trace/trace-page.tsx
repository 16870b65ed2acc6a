import { useQuery } from "@tanstack/react-query"
import { Link, useNavigate, useParams } from "@tanstack/react-router"
import { ChevronLeft, CloudOff } from "lucide-react"
import { useEffect, useRef, useState } from "react"
import { hasStatus } from "../api/client.ts"
import { chatQuery } from "../api/queries.ts"
import { Page } from "../shell/page.tsx"
import { CopyButton } from "../ui/copy-button.tsx"
import { buttonClass } from "../ui/button.tsx"
import { proseText } from "../ui/prose-text.ts"
import { Tag } from "../ui/tag.tsx"
import { sharedChatSource } from "./chat-source.ts"
import { useShownVersion } from "./shown-version.ts"
import { ExportButton } from "./file/export-button.tsx"
import { OpenDroppedFile } from "./file/open-file.tsx"
import { TraceFrame } from "./trace-frame.tsx"
import { isGone, stepsQuery } from "./trace-queries.ts"
import { TraceViewProvider, useTraceView } from "./trace-source.ts"
import { useFollowedTrace } from "./use-followed-trace.ts"

const ROUTE = "/signed-in/agents/$chatId/trace/{-$version}"

/** The address follows whoever scrubs once he rests. */
const ADDRESS_AFTER_MS = 150

const isVersion = (text: string): boolean => /^[1-9]\d{0,8}$/.test(text)

const versionOf = (text: string | undefined): number | undefined =>
  text !== undefined && isVersion(text) ? Number(text) : undefined

/** The version that is looked at is that of the address, and the address that of the version; the way back skips them. */
const useAddressedVersion = (chatId: string, text: string | undefined) => {
  const navigate = useNavigate()
  const [version, setVersion] = useState(() => versionOf(text))
  const [moved, setMoved] = useState(false)
  const address = useRef(text)
  useEffect(() => {
    if (address.current === text) return
    address.current = text
    setVersion(versionOf(text))
    setMoved(false)
  }, [text])
  useEffect(() => {
    const wanted = version === undefined ? undefined : String(version)
    if (!moved || wanted === address.current) return undefined
    const timer = setTimeout(() => {
      address.current = wanted
      void navigate({ to: "/agents/$chatId/trace/{-$version}", params: { chatId, version: wanted }, replace: true })
    }, ADDRESS_AFTER_MS)
    return () => clearTimeout(timer)
  }, [version, moved, chatId, navigate])
  const goTo = (next: number | undefined) => {
    setVersion(next)
    setMoved(true)
  }
  return { version, goTo, noVersion: moved || text === undefined || isVersion(text) ? undefined : text }
}

const Gone = () => (
  <div className="flex flex-1 flex-col items-center justify-center gap-2 p-6 text-center">
    <h1 className="text-lg font-semibold">This chat is not here</h1>
    <p className="max-w-md text-ink-soft">It does not exist any more, or it is not shared with you.</p>
    <Link to="/agents" className={buttonClass()}>
      To your chats
    </Link>
  </div>
)

const CopyLink = ({ chatId }: { readonly chatId: string }) => {
  const version = useShownVersion()
  const text = () => `${location.origin}/agents/${chatId}${version === undefined ? "/trace" : `@${version}`}`
  return <CopyButton label="Copy link" text={text} worded />
}

interface TraceOfChatProps {
  readonly chatId: string
  readonly noVersion: string | undefined
}

const TraceOfChat = ({ chatId, noVersion }: TraceOfChatProps) => {
  const { source } = useTraceView()
  const { data: chat } = useQuery(chatQuery(chatId))
  const { error, data } = useQuery(stepsQuery(source))
  useFollowedTrace(source)
  const title = proseText(chat?.title ?? "") || "Chat"
  useEffect(() => {
    document.title = `Trace: ${title} · Troupe`
  }, [title])
  if (isGone(error)) return <Gone />
  return (
    <TraceFrame
      title={title}
      noVersion={noVersion}
      lead={
        <Link
          to="/agents/$chatId"
          params={{ chatId }}
          aria-label="Back to the chat"
          title="Back to the chat"
          className="flex size-8 shrink-0 items-center justify-center rounded-control text-ink-soft hover:bg-hover hover:text-ink pointer-coarse:size-11"
        >
          <ChevronLeft aria-hidden className="size-4.5" />
        </Link>
      }
      actions={
        <>
          {chat?.archived === true && <Tag>Archived</Tag>}
          <CopyLink chatId={chatId} />
          <ExportButton />
          <OpenDroppedFile />
        </>
      }
      notice={
        data !== undefined &&
        error !== null && (
          <p
            role="status"
            className="flex items-center gap-2 border-b border-line bg-sunken px-4 py-1.5 text-sm text-ink-soft"
          >
            <CloudOff aria-hidden className="size-4 shrink-0" />
            {hasStatus(error, 0)
              ? `The server cannot be reached. You see what was known at version ${data.last_version}.`
              : `What came after version ${data.last_version} could not be read.`}
          </p>
        )
      }
    />
  )
}

const TraceOf = ({ chatId, text }: { readonly chatId: string; readonly text: string | undefined }) => {
  const { version, goTo, noVersion } = useAddressedVersion(chatId, text)
  const source = sharedChatSource(chatId)
  return (
    <TraceViewProvider value={{ source, version, goTo }}>
      <TraceOfChat chatId={chatId} noVersion={noVersion} />
    </TraceViewProvider>
  )
}

/** A chat over its whole life, on a page of its own. Its address carries the version: `/agents/ID@41`. */
export const TracePage = () => {
  const { chatId, version } = useParams({ from: ROUTE })
  return (
    <Page>
      <TraceOf key={chatId} chatId={chatId} text={version} />
    </Page>
  )
}
