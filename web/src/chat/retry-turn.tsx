import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query"
import { Replace, RotateCw } from "lucide-react"
import { call, messageOf } from "../api/client.ts"
import { chatQuery, modelConfigsQuery } from "../api/queries.ts"
import { groupsOf, nameOf } from "../composer/model-groups.ts"
import { useStream } from "../stream/store.ts"
import { Button } from "../ui/button.tsx"
import { Menu, MenuItem, MenuLabel, useMenu } from "../ui/menu.tsx"
import { notifyFailure } from "../ui/notify.ts"
import { useEditing } from "./editing.ts"

interface RetryProps {
  readonly chatId: string
  /** The model that is chosen for what is sent next. */
  readonly modelId?: string | undefined
  /** An attempt is waited for: it is made at once. Else the turn that has failed is done again. */
  readonly waits?: boolean
}

/** Goes on from the last message with what has failed, by the same model or by another. No word is added to the conversation. */
export const RetryButtons = ({ chatId, modelId, waits = false }: RetryProps) => {
  const queryClient = useQueryClient()
  const menu = useMenu()
  const { data: models } = useQuery(modelConfigsQuery)
  const { data: chat } = useQuery(chatQuery(chatId))
  const retry = useMutation({
    mutationFn: (model: string | undefined) =>
      call("retryTurn", { path: { chat: chatId }, body: model === undefined ? {} : { model_config_id: model } }),
    onSuccess: (answer) => queryClient.setQueryData(chatQuery(chatId).queryKey, answer),
    onError: (error) => notifyFailure("The turn was not tried again", messageOf(error)),
  })
  const asked = modelId ?? chat?.last_model_config_id
  const others = groupsOf(models?.filter(({ enabled, id }) => enabled && id !== asked) ?? [])
  return (
    <>
      <Button busy={retry.isPending} onClick={() => retry.mutate(modelId)}>
        <RotateCw aria-hidden className="size-4" />
        {waits ? "Try now" : "Try again"}
      </Button>
      {others.length > 0 && (
        <>
          <Button {...menu.button} disabled={retry.isPending}>
            <Replace aria-hidden className="size-4" />
            Other model
          </Button>
          <Menu of={menu} className="w-64 max-w-[calc(100vw-1rem)]">
            {others.map(({ provider, models: choices }) => (
              <div key={provider} role="group" aria-label={provider}>
                <MenuLabel>{provider}</MenuLabel>
                {choices.map((model) => (
                  <MenuItem key={model.id} onSelect={() => retry.mutate(model.id)}>
                    <span className="truncate">{nameOf(model)}</span>
                  </MenuItem>
                ))}
              </div>
            ))}
          </Menu>
        </>
      )}
    </>
  )
}

/** For who may do so: whose prompt it is. */
export const RetryTurn = (props: RetryProps) => {
  const { canEdit } = useEditing()
  const prompt = useStream(({ stream }) => stream.messages.findLast(({ role }) => role === "user"))
  return prompt === undefined || !canEdit(prompt) ? null : <RetryButtons {...props} />
}
