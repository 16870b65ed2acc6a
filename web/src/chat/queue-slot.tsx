import { type ComponentProps, useState } from "react"
import { useStream } from "../stream/store.ts"
import { LazyPart } from "../ui/lazy-part.tsx"
import type { QueuedMessages } from "./queued-messages.tsx"

const load = async () => (await import("./queued-messages.tsx")).QueuedMessages

/** The place of the queue in the composer. Most chats never have one, and do not load it. */
export const QueueSlot = (props: ComponentProps<typeof QueuedMessages>) => {
  const waits = useStream(({ stream }) => stream.queue.length > 0)
  // What is being rewritten stays in there when its message goes.
  const [wanted, setWanted] = useState(waits)
  if (waits && !wanted) setWanted(true)
  return wanted ? <LazyPart load={load} props={props} name="The queue" /> : null
}
