import { type MutationKey, useQueryClient } from "@tanstack/react-query"
import { CloudOff } from "lucide-react"
import { Button } from "../ui/button.tsx"
import { Callout } from "../ui/callout.tsx"

interface WaitingMessageProps {
  /** Of the mutation that waits. */
  readonly mutationKey: MutationKey
  /** It was taken back: the text is a draft again. */
  readonly onTakenBack: () => void
}

/** A message that was sent without a network: it waits, and can be taken back. */
export const WaitingMessage = ({ mutationKey, onTakenBack }: WaitingMessageProps) => {
  const queryClient = useQueryClient()
  const takeBack = () => {
    const cache = queryClient.getMutationCache()
    for (const mutation of cache.findAll({ mutationKey })) if (mutation.state.isPaused) cache.remove(mutation)
    onTakenBack()
  }
  return (
    <Callout
      tone="warning"
      role="status"
      title="Your message waits for the network"
      Icon={CloudOff}
      actions={<Button onClick={takeBack}>Do not send it</Button>}
    >
      It is sent as soon as you are back online. You can go elsewhere meanwhile, but keep this tab open.
    </Callout>
  )
}
