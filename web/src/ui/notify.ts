/** Shows a short notice of a failed action. For errors that belong to a field or a place, show them there instead. */
export const notifyFailure = async (title: string, explanation: string): Promise<void> => {
  const { toast } = await import("sonner")
  toast.error(title, { description: explanation })
}
