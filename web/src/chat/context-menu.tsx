import { useMutation, useQueryClient } from "@tanstack/react-query"
import { EllipsisVertical, Eraser, FoldVertical, ShieldCheck, Users } from "lucide-react"
import { useState } from "react"
import { call, messageOf } from "../api/client.ts"
import { chatQuery } from "../api/queries.ts"
import { isResting } from "../chats/status.ts"
import { showOverlay } from "../shell/overlays.ts"
import { useStream } from "../stream/store.ts"
import { IconButton } from "../ui/button.tsx"
import { LazyPart } from "../ui/lazy-part.tsx"
import { Menu, MenuItem, MenuSeparator, useMenu } from "../ui/menu.tsx"
import { notifyFailure } from "../ui/notify.ts"

const loadRules = async () => (await import("../approvals/rules-dialog.tsx")).RulesDialog

const Item = ({ title, note }: { readonly title: string; readonly note: string }) => (
  <span className="min-w-0">
    {title}
    <span className="block text-xs text-ink-faint">{note}</span>
  </span>
)

/**
 * What of the conversation the model goes on with, of which nothing is lost to people; who else reads it; and what its tools may do
 * unasked.
 */
export const ContextMenu = ({ chatId }: { readonly chatId: string }) => {
  const queryClient = useQueryClient()
  const menu = useMenu()
  const [ruling, setRuling] = useState(false)
  const resting = useStream(({ stream }) => isResting(stream.status?.status))
  const forget = useMutation({
    mutationFn: (route: "compactChat" | "clearChat") => call(route, { path: { chat: chatId } }),
    onSuccess: (chat) => queryClient.setQueryData(chatQuery(chatId).queryKey, chat),
    onError: (error, route) =>
      notifyFailure(
        route === "compactChat" ? "The conversation was not compacted" : "The context was not cleared",
        messageOf(error),
      ),
  })
  const disabled = !resting || forget.isPending
  return (
    <>
      <IconButton {...menu.button} label="More about this chat" className="data-[state=open]:bg-hover">
        <EllipsisVertical aria-hidden />
      </IconButton>
      <Menu of={menu} align="end" className="w-80">
        <MenuItem disabled={disabled} onSelect={() => forget.mutate("compactChat")}>
          <FoldVertical aria-hidden />
          <Item
            title="Compact the conversation"
            note={resting ? "The model goes on from a summary of it" : "Not while a turn goes on"}
          />
        </MenuItem>
        <MenuItem disabled={disabled} onSelect={() => forget.mutate("clearChat")}>
          <Eraser aria-hidden />
          <Item
            title="Clear the context"
            note={resting ? "The model forgets it; you can still read it" : "Not while a turn goes on"}
          />
        </MenuItem>
        <MenuSeparator />
        <MenuItem onSelect={() => showOverlay("share")}>
          <Users aria-hidden />
          <Item title="Share…" note="Who else can read this chat" />
        </MenuItem>
        <MenuItem onSelect={() => setRuling(true)}>
          <ShieldCheck aria-hidden />
          <Item title="Rules for tools…" note="What runs without asking, and what does not" />
        </MenuItem>
      </Menu>
      {ruling && <LazyPart name="The rules" load={loadRules} props={{ chatId, onClose: () => setRuling(false) }} />}
    </>
  )
}
