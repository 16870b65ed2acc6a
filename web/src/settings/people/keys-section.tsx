import { useQuery, useQueryClient } from "@tanstack/react-query"
import { KeyRound, Trash2 } from "lucide-react"
import { useState } from "react"
import type { User } from "../../../../src/contract/identity.ts"
import type { ApiKey } from "../../../../src/contract/tokens.ts"
import { call } from "../../api/client.ts"
import type { Administration } from "../../auth/administration.ts"
import { Button, IconButton } from "../../ui/button.tsx"
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx"
import { type Column, DataTable } from "../../ui/data-table.tsx"
import { Empty, LoadFailed, LoadingRows } from "../../ui/list-states.tsx"
import { proseText } from "../../ui/prose-text.ts"
import { sessionsQuery, tokensQuery } from "./people-data.ts"
import { TokenDialog } from "./token-dialog.tsx"
import { Ago, exactTime } from "./words.tsx"

const tokenColumns: ReadonlyArray<Column<ApiKey>> = [
  {
    title: "Name",
    cell: ({ token_name, id }) => (
      <span className="block max-w-60 truncate py-2 font-medium">{proseText(token_name ?? id)}</span>
    ),
  },
  { title: "Scopes", cell: ({ scopes }) => <span className="font-mono text-xs">{scopes.join(", ")}</span>, wide: true },
  { title: "Last used", cell: ({ last_used }) => <Ago time={last_used} /> },
  { title: "Expires", cell: ({ expires_at }) => exactTime(expires_at), wide: true },
]

const sessionColumns: ReadonlyArray<Column<ApiKey>> = [
  {
    title: "Browser",
    cell: ({ user_agent }) => (
      <span title={user_agent} className="block max-w-80 truncate py-2">
        {proseText(user_agent ?? "Unknown")}
      </span>
    ),
  },
  { title: "Address", cell: ({ ip_address }) => ip_address ?? "Unknown", wide: true },
  { title: "Last used", cell: ({ last_used }) => <Ago time={last_used} /> },
]

interface KeyTableProps {
  readonly user: User
  readonly kind: "tokens" | "sessions"
}

const words = {
  tokens: {
    title: "API tokens",
    about: "With each, a program acts as this account.",
    none: "There is no API token.",
    end: "Revoke",
    ends: "Programs that use it are refused from now on, and their open streams end within a second.",
  },
  sessions: {
    title: "Sessions",
    about: "Browsers that are signed in.",
    none: "Nobody is signed in.",
    end: "End session",
    ends: "That browser has to sign in again; its open streams end within a second.",
  },
} as const

const KeyTable = ({ user, kind }: KeyTableProps) => {
  const queryClient = useQueryClient()
  const query = kind === "tokens" ? tokensQuery(user.id) : sessionsQuery(user.id)
  const keys = useQuery(query)
  const [ending, setEnding] = useState<ApiKey>()
  const { title, none, end, ends } = words[kind]
  if (keys.data === undefined) {
    if (keys.error === null) return <LoadingRows label={`Loading ${title}`} rows={2} />
    return (
      <LoadFailed
        title={`${title} could not be loaded`}
        error={keys.error}
        retrying={keys.isFetching}
        onRetry={() => void keys.refetch()}
      />
    )
  }
  const nameOf = (key: ApiKey) => (kind === "tokens" ? (key.token_name ?? key.id) : "this session")
  return (
    <>
      {keys.data.length === 0 ? (
        <Empty>{none}</Empty>
      ) : (
        <DataTable
          label={`${title} of ${user.username}`}
          columns={kind === "tokens" ? tokenColumns : sessionColumns}
          rows={keys.data}
          keyOf={({ id }) => id}
          renderActions={(key) => (
            <IconButton
              label={`${end}: ${nameOf(key)}`}
              data-item
              tabIndex={-1}
              size="small"
              onClick={() => setEnding(key)}
            >
              <Trash2 aria-hidden />
            </IconButton>
          )}
        />
      )}
      {ending !== undefined && (
        <ConfirmDialog
          title={`${end}: ${nameOf(ending)}?`}
          about={ends}
          confirm={end}
          danger
          run={async () => {
            await call("deleteKey", { path: { user: user.id, key: ending.id } })
            await queryClient.invalidateQueries({ queryKey: query.queryKey })
          }}
          onClose={() => setEnding(undefined)}
        />
      )}
    </>
  )
}

interface KeysSectionProps {
  readonly user: User
  readonly may: Administration
}

/** What somebody, or some program, is signed in with. */
export const KeysSection = ({ user, may }: KeysSectionProps) => {
  const [makes, setMakes] = useState(false)
  return (
    <>
      {!user.is_service_account && (
        <section aria-label={words.sessions.title} className="flex flex-col gap-3">
          <div>
            <h2 className="text-md font-semibold">{words.sessions.title}</h2>
            <p className="text-sm text-ink-soft">{words.sessions.about}</p>
          </div>
          <KeyTable user={user} kind="sessions" />
        </section>
      )}
      <section aria-label={words.tokens.title} className="flex flex-col gap-3">
        <div className="flex items-end justify-between gap-4">
          <div>
            <h2 className="text-md font-semibold">{words.tokens.title}</h2>
            <p className="text-sm text-ink-soft">{words.tokens.about}</p>
          </div>
          {may.makesKeys && (
            <Button onClick={() => setMakes(true)}>
              <KeyRound aria-hidden className="size-4" />
              Make token
            </Button>
          )}
        </div>
        <KeyTable user={user} kind="tokens" />
      </section>
      {makes && <TokenDialog user={user} onClose={() => setMakes(false)} />}
    </>
  )
}
