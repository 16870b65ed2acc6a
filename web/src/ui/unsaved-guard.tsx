import { useBlocker } from "@tanstack/react-router"
import { Button } from "./button.tsx"
import { Dialog } from "./dialog.tsx"

/** While something is not saved, leaving the page asks first; closing the tab has the browser ask. */
export const UnsavedGuard = ({ dirty }: { readonly dirty: boolean }) => {
  const blocker = useBlocker({
    shouldBlockFn: () => dirty,
    enableBeforeUnload: () => dirty,
    withResolver: true,
  })
  return (
    <Dialog
      open={blocker.status === "blocked"}
      onClose={() => blocker.reset?.()}
      title="Leave without saving?"
      about="What you changed in this form is not saved yet."
    >
      <div className="mt-5 flex justify-end gap-2">
        <Button look="danger" onClick={() => blocker.proceed?.()}>
          Discard the changes
        </Button>
        <Button look="primary" data-first-focus onClick={() => blocker.reset?.()}>
          Stay here
        </Button>
      </div>
    </Dialog>
  )
}
