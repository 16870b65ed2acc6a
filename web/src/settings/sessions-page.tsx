import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query"
import { Monitor, Smartphone, SquareTerminal } from "lucide-react"
import { useState } from "react"
import type { ApiKey } from "../../../src/contract/tokens.ts"
import { call } from "../api/client.ts"
import { useSignOut } from "../auth/use-sign-out.ts"
import { useNow } from "../chats/use-now.ts"
import { Button } from "../ui/button.tsx"
import { LoadFailed, LoadingRows } from "../ui/list-states.tsx"
import { Tag } from "../ui/tag.tsx"
import { ConfirmDialog } from "./confirm-dialog.tsx"
import { deviceOf } from "./device-words.ts"
import { sessionsQuery } from "./own-queries.ts"
import { Rows } from "./section.tsx"
import { SettingsPage } from "./settings-page.tsx"
import { pastMoment } from "./when.ts"

const looks = { computer: Monitor, phone: Smartphone, program: SquareTerminal }

interface SessionRowProps {
  readonly session: ApiKey
  readonly now: number
  readonly onEnd: () => void
}

export const SessionRow = ({ session, now, onEnd }: SessionRowProps) => {
  const { name, kind } = deviceOf(session.user_agent)
  const Icon = looks[kind]
  const facts = [
    session.ip_address,
    session.current ? "in use now" : `last used ${pastMoment(session.last_used, now)}`,
    `signed in ${pastMoment(session.created_at, now)}`,
  ]
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 py-3">
      <Icon aria-hidden className="size-4 shrink-0 text-ink-faint" />
      <div className="min-w-40 flex-1">
        <p className="flex flex-wrap items-center gap-2 font-medium">
          <span className="[overflow-wrap:anywhere]">{name}</span>
          {session.current && <Tag tone="good">this one</Tag>}
        </p>
        <p className="text-xs text-ink-faint" title={session.user_agent}>
          {facts.filter(Boolean).join(" · ")}
        </p>
      </div>
      <Button
        look={session.current ? "plain" : "danger"}
        aria-label={session.current ? "Sign out of this session" : `End the session of ${name}`}
        onClick={onEnd}
      >
        {session.current ? "Sign out" : "End"}
      </Button>
    </li>
  )
}

/** The one that is used first, then by their last use. */
const sorted = (sessions: ReadonlyArray<ApiKey>): ReadonlyArray<ApiKey> =>
  [...sessions].sort(
    (a, b) => Number(b.current) - Number(a.current) || Date.parse(b.last_used) - Date.parse(a.last_used),
  )

/** What is to be ended: one session, or all but this one. */
type Ending = ApiKey | "others"

const Sessions = ({ sessions }: { readonly sessions: ReadonlyArray<ApiKey> }) => {
  const queryClient = useQueryClient()
  const signOut = useSignOut()
  const now = useNow()
  const [ending, setEnding] = useState<Ending>()
  const end = useMutation({
    mutationFn: (what: Ending) =>
      what === "others"
        ? call("endOtherSessions", { path: { user: "me" } })
        : call("deleteKey", { path: { user: "me", key: what.id } }),
    onSuccess: async () => {
      await queryClient.invalidateQueries(sessionsQuery)
      setEnding(undefined)
    },
  })
  const others = sessions.filter(({ current }) => !current).length
  const ask = (what: Ending) => {
    end.reset()
    setEnding(what)
  }
  return (
    <>
      <div className="flex flex-wrap items-end justify-between gap-3">
        <p className="max-w-prose text-sm text-ink-soft">
          Each browser that is signed in has one, until it signs out or is not used for a while. One that you do not
          know: end it, and change the password.
        </p>
        {others > 0 && (
          <Button look="danger" onClick={() => ask("others")}>
            End all others
          </Button>
        )}
      </div>
      <Rows>
        {sorted(sessions).map((session) => (
          <SessionRow
            key={session.id}
            session={session}
            now={now}
            onEnd={() => (session.current ? signOut.mutate() : ask(session))}
          />
        ))}
      </Rows>
      <ConfirmDialog
        open={ending !== undefined}
        title={ending === "others" ? "End all other sessions?" : "End this session?"}
        about={
          ending === "others"
            ? `${others === 1 ? "One browser or program" : `${others} browsers and programs`} will have to sign in again. What is open there closes within a second; chats go on.`
            : `${ending === undefined ? "It" : deviceOf(ending.user_agent).name} will have to sign in again. What is open there closes within a second; chats go on.`
        }
        confirm={ending === "others" ? "End all others" : "End the session"}
        busy={end.isPending}
        error={end.error}
        onConfirm={() => ending !== undefined && end.mutate(ending)}
        onClose={() => setEnding(undefined)}
      />
    </>
  )
}

/** Where one is signed in. */
export const SessionsPage = () => {
  const { data, error, isFetching, refetch } = useQuery(sessionsQuery)
  return (
    <SettingsPage title="Sessions" note="Where you are signed in">
      {data !== undefined ? (
        <Sessions sessions={data} />
      ) : error === null ? (
        <LoadingRows label="Loading the sessions" rows={3} rowClass="h-16" />
      ) : (
        <LoadFailed
          title="The sessions could not be loaded"
          error={error}
          retrying={isFetching}
          onRetry={() => void refetch()}
        />
      )}
    </SettingsPage>
  )
}
