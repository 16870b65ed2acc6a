import { Unplug } from "lucide-react"
import type { Attempt } from "../../../src/contract/chats.ts"
import { Disclosure } from "../ui/disclosure.tsx"
import { Parts } from "./parts.tsx"

const reasons: Readonly<Record<string, string>> = {
  retry: "An attempt was cut off and tried again",
  crash: "An attempt was cut off by a restart",
  edit: "An answer was dropped by an edit",
  error: "An attempt ended with an error",
}

/** Text that was shown but did not become a message. The model does not see it. */
export const LostAttempt = ({ attempt }: { readonly attempt: Attempt }) => (
  <Disclosure
    icon={<Unplug aria-hidden />}
    label={reasons[attempt.reason ?? ""] ?? "An attempt ended without a message"}
    // What became of it is said first where there is no room for both.
    aside={<span className="hidden sm:inline">not part of the conversation</span>}
  >
    <div className="ml-2 border-l-2 border-dashed border-line-strong pl-4.5 opacity-80">
      <Parts parts={attempt.content} />
    </div>
  </Disclosure>
)
