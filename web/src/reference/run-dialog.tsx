import { Button } from "../ui/button.tsx"
import { Dialog } from "../ui/dialog.tsx"
import { visibleText } from "../ui/visible-text.ts"
import type { Route } from "./api-document.ts"
import { TextBlock } from "./text-block.tsx"

interface RunDialogProps {
  readonly route: Route
  readonly address: string
  /** With nothing of a secret. */
  readonly body: string | undefined
  readonly open: boolean
  readonly onClose: () => void
  readonly onRun: () => void
}

/** What a request changes, in words. */
const warningOf = ({ method, name }: Route): string => {
  if (method === "DELETE") return "This deletes what the address names, for good. It cannot be undone."
  if (name === "logout") return "This ends the session of this page: you will have to sign in again."
  return "This changes something on this server, as you, and not as a rehearsal."
}

/** Asks before a request that changes something is carried out. */
export const RunDialog = ({ route, address, body, open, onClose, onRun }: RunDialogProps) => (
  <Dialog
    open={open}
    onClose={onClose}
    title={`${route.summary}?`}
    about={warningOf(route)}
    className="top-[12vh] w-xl p-5"
  >
    <p className="mt-3 font-mono text-xs text-ink [overflow-wrap:anywhere]">
      {`${route.method} ${visibleText(address)}`}
    </p>
    {body !== undefined && (
      <div className="mt-2.5">
        <TextBlock label="Body" text={body} wraps>
          {visibleText(body)}
        </TextBlock>
      </div>
    )}
    <div className="mt-4 flex justify-end gap-2">
      <Button look="quiet" onClick={onClose} data-first-focus>
        Cancel
      </Button>
      <Button look={route.method === "DELETE" ? "danger" : "primary"} onClick={onRun}>
        {route.method === "DELETE" ? "Delete it" : "Run it"}
      </Button>
    </div>
  </Dialog>
)
