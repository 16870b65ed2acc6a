/** Shows a short notice of a failed action. For errors that belong to a field or a place, show them there instead. */
export const notifyFailure = async (title: string, explanation: string): Promise<void> => {
  const { toast } = await import("sonner")
  toast.error(title, { description: explanation })
}

/** How long what was done can be taken back from its notice. */
const UNDO_MS = 8_000

/** Says what was done and offers one thing more: to take it back, or to go and see. */
export const notifyDone = async (title: string, action: { readonly label: string; readonly run: () => void }) => {
  const { toast } = await import("sonner")
  toast(title, { duration: UNDO_MS, action: { label: action.label, onClick: action.run } })
}
