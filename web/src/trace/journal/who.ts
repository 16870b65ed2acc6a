import { useQueryClient } from "@tanstack/react-query"
import type { ChatTransition } from "../../../../src/contract/inspection.ts"
import { chatQuery, meQuery } from "../../api/queries.ts"
import type { TraceSource } from "../trace-source.ts"

/** Names of people by their id, as far as this page knows them: nobody is asked for. */
export type People = ReadonlyMap<string, string>

const short = (id: string): string => id.slice(0, 8)

/** Who made it happen: a person, or the server that owned the chat. */
export const whoOf = ({ actor_user_id, instance, epoch }: ChatTransition, people: People): string => {
  if (actor_user_id !== undefined) return people.get(actor_user_id) ?? short(actor_user_id)
  return instance === undefined ? `owner ${epoch}` : short(instance)
}

export const usePeople = (source: TraceSource): People => {
  const queryClient = useQueryClient()
  if (source.kind === "file") return new Map()
  const me = queryClient.getQueryData(meQuery.queryKey)
  const chat = queryClient.getQueryData(chatQuery(source.chatId).queryKey)
  return new Map([
    ...(chat?.owner_username === undefined ? [] : ([[chat.owner_id, chat.owner_username]] as const)),
    ...(me === undefined ? [] : ([[me.id, "you"]] as const)),
  ])
}
