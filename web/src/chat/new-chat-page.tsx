import { useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query"
import { useNavigate } from "@tanstack/react-router"
import { useEffect } from "react"
import { call } from "../api/client.ts"
import { chatQuery, chatsQuery, meQuery } from "../api/queries.ts"
import { mergeChats } from "../chats/merge.ts"
import { Composer } from "../composer/composer.tsx"
import { useDraft } from "../composer/drafts.ts"
import { isSimulator, useModelChoice } from "../composer/model-choice.ts"
import { ModelPicker } from "../composer/model-picker.tsx"
import { NoModels } from "../composer/no-models.tsx"
import { Callout } from "../ui/callout.tsx"
import { useFocusOnMount } from "../ui/focus.ts"
import { formErrors } from "../ui/form-errors.ts"

/** What the built-in scripted model can show. */
const SIMULATOR_EXAMPLES = ["/run echo hello > a.txt && cat a.txt", "/think about a plan", "/help"]

const Examples = ({ onChoose }: { readonly onChoose: (text: string) => void }) => (
  <div className="mt-4">
    <p className="mb-2 text-sm text-ink-faint">The simulator is scripted, not an LLM. Try one of its commands:</p>
    <ul className="flex flex-wrap gap-2">
      {SIMULATOR_EXAMPLES.map((example) => (
        <li key={example} className="max-w-full">
          <button
            type="button"
            onClick={() => onChoose(example)}
            className="max-w-full truncate rounded-full border border-line-strong px-3 py-1 font-mono text-xs text-ink-soft transition-colors hover:bg-hover hover:text-ink"
          >
            {example}
          </button>
        </li>
      ))}
    </ul>
  </div>
)

export const NewChatPage = () => {
  const { data: me } = useSuspenseQuery(meQuery)
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  const fieldRef = useFocusOnMount<HTMLTextAreaElement>()
  const [text, setText] = useDraft("new")
  const model = useModelChoice()
  const organization = me.organization_ids[0]

  const create = useMutation({
    mutationFn: async (organization_id: string) => {
      const chosen = await model.whenKnown()
      return call("createChat", {
        body: {
          organization_id,
          content: [{ type: "text", text }],
          client_type: "ui",
          ...(chosen === undefined ? {} : { model_config_id: chosen.id }),
        },
      })
    },
    onSuccess: async (chat) => {
      setText("")
      queryClient.setQueryData(chatQuery(chat.id).queryKey, chat)
      queryClient.setQueryData(
        chatsQuery.queryKey,
        (chats) => chats && mergeChats(chats, { kind: "created", chat }, chat.id),
      )
      await navigate({ to: "/agents/$chatId", params: { chatId: chat.id } })
    },
  })

  useEffect(() => {
    document.title = "New chat · Troupe"
    // The page to come is loaded while the message is written.
    void import("./chat-page.tsx")
  }, [])

  const failure = formErrors(create.error, []).summary

  return (
    <div className="flex min-h-0 flex-1 flex-col items-center overflow-y-auto">
      <div className="reading-column my-auto py-16">
        <h1 className="mb-5 text-center text-2xl font-semibold tracking-tight">What should be done?</h1>
        <div className="flex flex-col gap-3">
          {model.models?.length === 0 && <NoModels />}
          {organization === undefined && (
            <Callout tone="info" title="You are not in an organization">
              Ask an administrator to add you to one, then reload this page.
            </Callout>
          )}
          {failure !== undefined && (
            <Callout tone="danger" role="alert" title="The chat could not be started">
              {failure}
            </Callout>
          )}
          <Composer
            label="Message"
            placeholder="Describe a task"
            text={text}
            onText={setText}
            onSend={() => organization !== undefined && create.mutate(organization)}
            sending={create.isPending}
            canSend={organization !== undefined && model.models?.length !== 0}
            fieldRef={fieldRef}
          >
            <ModelPicker {...model} />
          </Composer>
        </div>
        {isSimulator(model.chosen) && (
          <Examples
            onChoose={(example) => {
              setText(example)
              fieldRef.current?.focus()
            }}
          />
        )}
      </div>
    </div>
  )
}
