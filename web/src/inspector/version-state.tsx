import { useQuery } from "@tanstack/react-query"
import { messageOf } from "../api/client.ts"
import { atVersionQuery } from "../api/queries.ts"
import { Fact, Facts, StateFacts } from "./state-facts.tsx"

/** The chat as it was right after one transition. */
export const VersionState = ({ chatId, version }: { readonly chatId: string; readonly version: number }) => {
  const { data, error } = useQuery(atVersionQuery(chatId, version))
  if (error !== null) return <p className="text-xs text-danger">{messageOf(error)}</p>
  if (data === undefined) return <div role="status" aria-label="Loading the state" className="skeleton h-20" />
  return (
    <Facts>
      <StateFacts state={data} />
      <Fact name="Messages">{data.messages.length}</Fact>
    </Facts>
  )
}
