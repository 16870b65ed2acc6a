import { onlineManager, useMutation, useQuery, useQueryClient } from "@tanstack/react-query"
import { useNavigate } from "@tanstack/react-router"
import { useEffect, useState } from "react"
import { call, hasStatus } from "../api/client.ts"
import { chatQuery, chatsQuery, meQuery } from "../api/queries.ts"
import { mayChatQuery, useMayChat } from "../auth/may-chat.ts"
import { NoChatAccess } from "../auth/no-chat-access.tsx"
import { changeChats } from "../chats/chat-pages.ts"
import { mergeChats } from "../chats/merge.ts"
import { Composer } from "../composer/composer.tsx"
import { readDraft, useDraft } from "../composer/drafts.ts"
import { keyHints } from "../composer/key-hints.ts"
import { keepMode, type Mode, modeFields, readMode } from "../composer/mode.ts"
import { MODES, ModeSwitch } from "../composer/mode-switch.tsx"
import { isSimulator, useModelChoice } from "../composer/model-choice.ts"
import { ModelPicker } from "../composer/model-picker.tsx"
import { NoModels } from "../composer/no-models.tsx"
import { CHAT_ORGANIZATIONS, useOrganizationChoice } from "../composer/organization-choice.ts"
import { OrganizationPicker } from "../composer/organization-picker.tsx"
import { WaitingMessage } from "../composer/waiting-message.tsx"
import { Button } from "../ui/button.tsx"
import { Callout } from "../ui/callout.tsx"
import { useFocusOnMount } from "../ui/focus.ts"
import { formErrors } from "../ui/form-errors.ts"
import { notifyDone } from "../ui/notify.ts"

/** What the built-in scripted model can show. */
const SIMULATOR_EXAMPLES = ["/run echo hello > a.txt && cat a.txt", "/think about a plan", "/help"]

const Examples = ({ onChoose }: { readonly onChoose: (text: string) => void }) => (
  <div>
    <p className="mb-2 text-sm text-ink-faint">The simulator is scripted, not an LLM. Try one of its commands:</p>
    <ul className="flex flex-wrap gap-2">
      {SIMULATOR_EXAMPLES.map((example) => (
        <li key={example} className="max-w-full">
          <button
            type="button"
            onClick={() => onChoose(example)}
            className="h-7 max-w-full truncate rounded-control border border-line-strong bg-raised px-2.5 font-mono text-xs text-ink-soft transition-colors hover:bg-selected hover:text-ink pointer-coarse:h-11"
          >
            {example}
          </button>
        </li>
      ))}
    </ul>
  </div>
)

const START_CHAT = ["start-chat"]

interface Outgoing {
  readonly organization: string
  readonly text: string
  readonly mode: Mode
}

/** Starts a chat. Sent without a network it waits, in sight, and then takes nobody away from where he is. */
const useStartChat = (setText: (text: string) => void, model: ReturnType<typeof useModelChoice>) => {
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  return useMutation({
    mutationKey: START_CHAT,
    mutationFn: async (outgoing: Outgoing) => {
      const chosen = await model.whenKnown()
      return call("createChat", {
        body: {
          organization_id: outgoing.organization,
          content: [{ type: "text", text: outgoing.text }],
          client_type: "ui",
          ...modeFields(outgoing.mode),
          ...(chosen === undefined ? {} : { model_config_id: chosen.id }),
        },
      })
    },
    onMutate: () => ({ waits: !onlineManager.isOnline() }),
    onSuccess: async (chat, outgoing, { waits }) => {
      if (readDraft("new") === outgoing.text) setText("")
      queryClient.setQueryData(chatQuery(chat.id).queryKey, chat)
      changeChats(queryClient, chatsQuery.queryKey, (chats) =>
        mergeChats(chats, { kind: "created", chat }, waits ? undefined : chat.id),
      )
      const open = () => navigate({ to: "/agents/$chatId", params: { chatId: chat.id } })
      if (waits) await notifyDone("Your chat was started", { label: "Open", run: () => void open() })
      else await open()
    },
    // The role may have been taken away since this page asked.
    onError: async (error) => {
      if (!hasStatus(error, 403)) return
      await queryClient.invalidateQueries({ queryKey: CHAT_ORGANIZATIONS })
      await queryClient.invalidateQueries(mayChatQuery)
    },
  })
}

interface NewChatProps {
  /** Above other things: its question is only said. */
  readonly compact?: boolean
}

/** The place where a chat begins: what should be done, by which model. */
export const NewChat = ({ compact = false }: NewChatProps) => {
  // Gone for a moment when the session ends under the page, which is no failure of this part.
  const { data: me } = useQuery(meQuery)
  const fieldRef = useFocusOnMount<HTMLTextAreaElement>()
  const [text, setText] = useDraft("new")
  const model = useModelChoice()
  const [mode, setMode] = useState(readMode)
  const mayChat = useMayChat()
  const { chosen: organization, organizations, choose } = useOrganizationChoice(me?.organization_ids ?? [])
  const outside = me?.organization_ids.length === 0
  const create = useStartChat(setText, model)

  useEffect(() => {
    // The page to come is loaded while the message is written. Without it, that page says so.
    import("./chat-page.tsx").catch(() => undefined)
  }, [])

  const refused = hasStatus(create.error, 403)
  const failure = refused ? undefined : formErrors(create.error, []).summary
  const send = (written: string) => {
    if (organization === undefined) return
    // Nothing is sent to a model that nobody has chosen.
    if (model.chosen === undefined && model.models !== undefined && model.models.length > 0) model.setAsking(true)
    else create.mutate({ organization, text: written, mode })
  }

  return (
    <div className="flex flex-col gap-3">
      <h2 className={compact || !mayChat ? "sr-only" : "mb-2 text-center text-2xl font-semibold tracking-tight"}>
        What should be done?
      </h2>
      {mayChat && model.models?.length === 0 && <NoModels />}
      {outside && (
        <Callout tone="info" title="You are not in an organization">
          Ask an administrator to add you to one. This page notices when you come back to it.
        </Callout>
      )}
      {!outside && (refused || !mayChat) && <NoChatAccess kept={text !== ""} />}
      {failure !== undefined && (
        <Callout
          tone="danger"
          role="alert"
          title="The chat could not be started"
          actions={<Button onClick={() => send(text)}>Send again</Button>}
        >
          {failure} Your text is still below.
        </Callout>
      )}
      {create.isPaused && (
        <WaitingMessage
          mutationKey={START_CHAT}
          onTakenBack={() => {
            create.reset()
            fieldRef.current?.focus()
          }}
        />
      )}
      <Composer
        label="Message"
        placeholder={mayChat ? "Describe a task, or paste an error" : "Here you describe a task once you have the role"}
        text={text}
        onText={(next) => {
          setText(next)
          if (create.isError) create.reset()
        }}
        onSend={send}
        sending={create.isPending}
        canSend={organization !== undefined}
        disabled={!mayChat || outside}
        fieldRef={fieldRef}
        hints={mayChat ? keyHints(undefined, 0) : undefined}
      >
        <ModeSwitch
          options={MODES}
          value={mode}
          disabled={!mayChat}
          onChange={(chosen) => {
            setMode(chosen)
            keepMode(chosen)
          }}
        />
        {mayChat && organizations.length > 0 && (
          <OrganizationPicker organizations={organizations} chosen={organization} onChoose={choose} />
        )}
        {mayChat && <ModelPicker {...model} />}
      </Composer>
      {!compact && mayChat && isSimulator(model.chosen) && (
        <Examples
          onChoose={(example) => {
            setText(example)
            fieldRef.current?.focus()
          }}
        />
      )}
    </div>
  )
}
