import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query"
import { KeyRound } from "lucide-react"
import { useState } from "react"
import type { ApiKey } from "../../../src/contract/tokens.ts"
import { call } from "../api/client.ts"
import { useNow } from "../chats/use-now.ts"
import { Button } from "../ui/button.tsx"
import { Empty, LoadFailed, LoadingRows } from "../ui/list-states.tsx"
import { Tag } from "../ui/tag.tsx"
import { ConfirmDialog } from "./confirm-dialog.tsx"
import { MadeTokenPanel } from "./made-token.tsx"
import { tokenConfigQuery, tokensQuery } from "./own-queries.ts"
import { APPROVE, scopesInWords } from "./scope-words.ts"
import { Rows, Section } from "./section.tsx"
import { SettingsPage } from "./settings-page.tsx"
import { type MadeToken, TokenForm } from "./token-form.tsx"
import { comingMoment, pastMoment } from "./when.ts"

interface TokenRowProps {
  readonly token: ApiKey
  readonly now: number
  readonly onRevoke: () => void
}

const nameOf = ({ token_name, id }: ApiKey): string => token_name ?? id

/** A token is as new as its last use until it is used. */
const wasUsed = ({ last_used, created_at }: ApiKey): boolean => Date.parse(last_used) > Date.parse(created_at)

export const TokenRow = ({ token, now, onRevoke }: TokenRowProps) => {
  const facts = [
    wasUsed(token) ? `last used ${pastMoment(token.last_used, now)}` : "never used",
    `ends ${comingMoment(token.expires_at, now)}`,
    `made ${pastMoment(token.created_at, now)}`,
  ]
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 py-3">
      <KeyRound aria-hidden className="size-4 shrink-0 text-ink-faint" />
      <div className="min-w-40 flex-1">
        <p className="flex flex-wrap items-center gap-2 font-medium">
          <span className="[overflow-wrap:anywhere]">{nameOf(token)}</span>
          {token.scopes.includes(APPROVE) && <Tag tone="bad">approves</Tag>}
        </p>
        <p className="text-sm text-ink-soft [overflow-wrap:anywhere]">{scopesInWords(token.scopes)}</p>
        <p className="text-xs text-ink-faint">{facts.join(" · ")}</p>
      </div>
      <Button look="danger" aria-label={`Revoke ${nameOf(token)}`} onClick={onRevoke}>
        Revoke
      </Button>
    </li>
  )
}

const Tokens = ({ tokens }: { readonly tokens: ReadonlyArray<ApiKey> }) => {
  const queryClient = useQueryClient()
  const now = useNow()
  const [revoking, setRevoking] = useState<ApiKey>()
  const revoke = useMutation({
    mutationFn: ({ id }: ApiKey) => call("deleteKey", { path: { user: "me", key: id } }),
    onSuccess: async () => {
      await queryClient.invalidateQueries(tokensQuery)
      setRevoking(undefined)
    },
  })
  if (tokens.length === 0) return <Empty>No token yet. A program needs one to work in your name.</Empty>
  return (
    <>
      <Rows>
        {tokens.map((token) => (
          <TokenRow
            key={token.id}
            token={token}
            now={now}
            onRevoke={() => {
              revoke.reset()
              setRevoking(token)
            }}
          />
        ))}
      </Rows>
      <ConfirmDialog
        open={revoking !== undefined}
        title={`Revoke ${revoking === undefined ? "the token" : `“${nameOf(revoking)}”`}?`}
        about="Programs that use it are refused from now on, and their streams end. It cannot be brought back."
        confirm="Revoke the token"
        busy={revoke.isPending}
        error={revoke.error}
        onConfirm={() => revoking !== undefined && revoke.mutate(revoking)}
        onClose={() => setRevoking(undefined)}
      />
    </>
  )
}

/** What programs sign in with, in one's own name. */
export const TokensPage = () => {
  const tokens = useQuery(tokensQuery)
  const config = useQuery(tokenConfigQuery)
  const [state, setState] = useState<"list" | "form" | MadeToken>("list")
  const error = tokens.error ?? config.error
  const form =
    state === "form" && config.data !== undefined ? (
      <TokenForm config={config.data} onMade={setState} onClose={() => setState("list")} />
    ) : typeof state === "object" ? (
      <MadeTokenPanel token={state} onDone={() => setState("list")} />
    ) : undefined
  return (
    <SettingsPage title="API tokens">
      {tokens.data !== undefined && config.data !== undefined ? (
        <Section
          title="Your tokens"
          about="With one of them a program works in your name, as far as it reaches."
          add="New token"
          onAdd={() => setState("form")}
          form={form}
        >
          <Tokens tokens={tokens.data} />
        </Section>
      ) : error === null ? (
        <LoadingRows label="Loading the tokens" rows={3} rowClass="h-16" />
      ) : (
        <LoadFailed
          title="The tokens could not be loaded"
          error={error}
          retrying={tokens.isFetching || config.isFetching}
          onRetry={() => void Promise.all([tokens.refetch(), config.refetch()])}
        />
      )}
    </SettingsPage>
  )
}
