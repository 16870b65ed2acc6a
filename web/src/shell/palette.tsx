import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query"
import { useNavigate, useParams } from "@tanstack/react-router"
import { Archive, type LucideIcon, Search } from "lucide-react"
import { type KeyboardEvent, type ReactNode, useEffect, useId, useMemo, useRef, useState } from "react"
import type { Chat } from "../../../src/contract/chats.ts"
import { messageOf } from "../api/client.ts"
import { chatQuery, chatsQuery, foundChatsQuery, meQuery } from "../api/queries.ts"
import { administrationQuery, pagesFor } from "../auth/administration.ts"
import { isOwner } from "../auth/roles.ts"
import { allChats } from "../chats/chat-pages.ts"
import { ownerName } from "../chats/owner.ts"
import { useChatAccess } from "../chats/chat-access.ts"
import { chatLine, StateGlyph } from "../chats/state-glyph.tsx"
import { shortAge } from "../chats/time.ts"
import { useNow } from "../chats/use-now.ts"
import { Dialog } from "../ui/dialog.tsx"
import { Kbd } from "../ui/kbd.tsx"
import { proseText } from "../ui/prose-text.ts"
import { Spinner } from "../ui/spinner.tsx"
import { useSettled } from "../ui/use-settled.ts"
import { byName, commandsFor, matches } from "./commands.ts"

const RECENT = 8

interface Choice {
  readonly key: string
  readonly icon: ReactNode
  readonly title: string
  readonly note: string
  readonly run: () => void
}

interface Group {
  readonly title: string
  readonly choices: ReadonlyArray<Choice>
}

const glyph = (Icon: LucideIcon) => <Icon aria-hidden className="size-4 shrink-0 text-ink-faint" />

/** Chats with the text in their title, as the server finds them; the newest ones while there is no text. */
const useChats = (text: string) => {
  const wanted = useSettled(text.trim())
  const recent = useInfiniteQuery({ ...chatsQuery, select: allChats })
  const found = useQuery({
    ...foundChatsQuery(wanted, false),
    enabled: wanted !== "",
    placeholderData: keepPreviousData,
  })
  const archived = useQuery({
    ...foundChatsQuery(wanted, true),
    enabled: wanted !== "",
    placeholderData: keepPreviousData,
  })
  if (text.trim() === "") {
    return { chats: recent.data?.filter((chat) => !chat.archived).slice(0, RECENT) ?? [], busy: false, error: null }
  }
  return {
    chats: [...(found.data ?? []), ...(archived.data ?? [])],
    busy: wanted !== text.trim() || found.isFetching || archived.isFetching,
    error: found.error ?? archived.error,
  }
}

const useGroups = (text: string, close: () => void) => {
  const navigate = useNavigate()
  const { data: me } = useQuery(meQuery)
  const { chats, busy, error } = useChats(text)
  const { data: people } = useQuery({ ...administrationQuery, select: pagesFor })
  const { chatId } = useParams({ strict: false })
  // As the page of the chat has read it.
  const { data: openChat } = useQuery({ ...chatQuery(chatId ?? ""), enabled: false })
  const owner = me !== undefined && isOwner(me)
  const ownChat = openChat !== undefined && openChat.owner_id === me?.id
  const { mayChat, readsShared } = useChatAccess()
  const now = useNow()
  const groups = useMemo((): ReadonlyArray<Group> => {
    const then = (run: () => void) => () => {
      close()
      run()
    }
    const chatChoice = (chat: Chat): Choice => ({
      key: chat.id,
      icon: chat.archived ? glyph(Archive) : <StateGlyph chat={chat} others={chat.owner_id !== me?.id} />,
      title: proseText(chat.title) || "New chat",
      note:
        chat.owner_id !== me?.id
          ? `Shared by ${proseText(ownerName(chat))}`
          : chat.archived
            ? "Archived"
            : proseText(chatLine(chat)) || shortAge(chat.updated_at, now),
      run: then(() => void navigate({ to: "/agents/$chatId", params: { chatId: chat.id } })),
    })
    const ofCommands = commandsFor({ owner, mayChat, readsShared, people, ownChat }).map((group) => ({
      title: group.title,
      choices: byName(
        group.commands.filter((command) => matches(command, text)),
        text,
      ).map((command) => ({
        key: command.title,
        icon: glyph(command.Icon),
        title: command.title,
        note: command.note ?? "",
        run: then(() => command.run(navigate)),
      })),
    }))
    const ofChats = { title: text.trim() === "" ? "Recent chats" : "Chats", choices: chats.map(chatChoice) }
    const all = text.trim() === "" ? [ofChats, ...ofCommands] : [...ofCommands, ofChats]
    return all.filter(({ choices }) => choices.length > 0)
  }, [chats, close, mayChat, navigate, now, me?.id, owner, ownChat, people, readsShared, text])
  return { groups, busy, error }
}

/** Finds chats, commands and settings by a few letters, and goes there. */
export const Palette = ({ onClose }: { readonly onClose: () => void }) => {
  const [text, setText] = useState("")
  const [index, setIndex] = useState(0)
  const id = useId()
  const listRef = useRef<HTMLDivElement>(null)
  const { groups, busy, error } = useGroups(text, onClose)
  const choices = groups.flatMap((group) => group.choices)
  const active = Math.min(index, choices.length - 1)
  const optionId = (at: number) => `${id}-${at}`

  useEffect(() => {
    listRef.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" })
  }, [active, choices.length])

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step !== undefined && choices.length > 0) {
      event.preventDefault()
      setIndex((active + step + choices.length) % choices.length)
    }
    if (event.key === "Enter") {
      event.preventDefault()
      choices[active]?.run()
    }
  }

  return (
    <Dialog
      open
      onClose={onClose}
      title="Search and commands"
      quietTitle
      className="top-[12vh] max-h-[70vh] w-150 overflow-hidden"
    >
      <div className="flex items-center gap-2.5 border-b border-line px-4">
        {busy ? <Spinner className="text-ink-faint" /> : <Search aria-hidden className="size-4 text-ink-faint" />}
        <input
          role="combobox"
          aria-label="Search chats, commands and settings"
          aria-expanded
          aria-controls={`${id}-list`}
          aria-activedescendant={active < 0 ? undefined : optionId(active)}
          autoComplete="off"
          spellCheck={false}
          placeholder="Search chats, commands and settings"
          value={text}
          onChange={({ target }) => {
            setText(target.value)
            setIndex(0)
          }}
          onKeyDown={onKeyDown}
          className="h-12 min-w-0 flex-1 bg-transparent text-md text-ink outline-none"
        />
        <Kbd keys="Esc" />
      </div>
      <div
        ref={listRef}
        id={`${id}-list`}
        role="listbox"
        aria-label="Results"
        className="min-h-0 overflow-y-auto p-1.5"
      >
        {groups.map(({ title, choices: shown }) => (
          <div key={title} role="group" aria-label={title}>
            <div aria-hidden className="px-2.5 pt-2 pb-1 text-xs text-ink-faint">
              {title}
            </div>
            {shown.map((choice) => {
              const here = choices.indexOf(choice)
              return (
                <button
                  key={choice.key}
                  type="button"
                  tabIndex={-1}
                  id={optionId(here)}
                  role="option"
                  aria-selected={here === active}
                  onPointerMove={() => setIndex(here)}
                  onClick={choice.run}
                  className="flex h-9 w-full items-center gap-2.5 rounded-control px-2.5 text-left text-sm pointer-coarse:h-11 aria-selected:bg-selected"
                >
                  {choice.icon}
                  <span className="min-w-0 shrink-0 truncate">{choice.title}</span>
                  <span className="ml-auto min-w-0 truncate text-xs text-ink-faint">{choice.note}</span>
                </button>
              )
            })}
          </div>
        ))}
      </div>
      <p role="status" className="px-4 text-sm text-ink-faint empty:hidden [&:not(:empty)]:pt-2 [&:not(:empty)]:pb-5">
        {error === null
          ? choices.length === 0 && !busy
            ? "Nothing is called so. Chats are found by a piece of their title."
            : ""
          : `The chats could not be searched. ${messageOf(error)}`}
      </p>
    </Dialog>
  )
}
