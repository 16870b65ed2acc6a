import type { User } from "../../../../src/contract/identity.ts"
import { shortAge } from "../../chats/time.ts"
import { useNow } from "../../chats/use-now.ts"
import { Tag } from "../../ui/tag.tsx"

/** What an account is called where people read it: by its name, or by its username where it has none. */
export const accountTitle = ({ name, username }: Pick<User, "name" | "username">): string => name || username

const statuses = {
  active: ["good", "Active"],
  dormant: ["neutral", "Dormant"],
  suspended: ["danger", "Suspended"],
} as const

export const StatusTag = ({ status }: Pick<User, "status">) => {
  const [tone, title] = statuses[status]
  return <Tag tone={tone}>{title}</Tag>
}

/** How long ago, with the exact time for who asks. */
export const Ago = ({ time, never = "Never" }: { readonly time: string | undefined; readonly never?: string }) => {
  const now = useNow()
  if (time === undefined) return never
  return (
    <time dateTime={time} title={new Date(time).toLocaleString()}>
      {shortAge(time, now)}
    </time>
  )
}

/** `3 Dec 2026, 14:21` */
export const exactTime = (time: string): string =>
  new Date(time).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" })
