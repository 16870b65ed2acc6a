import { useQuery } from "@tanstack/react-query"
import { Trash2 } from "lucide-react"
import type { ToolAction, ToolPolicyRule } from "../../../src/contract/tool-policy.ts"
import { toolPolicyQuery } from "../api/queries.ts"
import { IconButton } from "../ui/button.tsx"
import { Dialog } from "../ui/dialog.tsx"
import { Empty, LoadFailed, LoadingRows } from "../ui/list-states.tsx"
import { notifyDone } from "../ui/notify.ts"
import { ruleKey, ruleSubject } from "./asked-calls.ts"
import { useChangeRules } from "./chat-rules.ts"

const ACTIONS: Readonly<Record<ToolAction, string>> = { auto: "Runs", ask: "Asks first", deny: "Is refused" }

const subjectOf = (rule: ToolPolicyRule): string => {
  if (rule.args !== undefined) return `${ruleSubject(rule)} …`
  return rule.pattern === "*" ? "Every tool" : ruleSubject(rule)
}

const Rules = ({ chatId }: { readonly chatId: string }) => {
  const { data, error, isFetching, refetch } = useQuery(toolPolicyQuery(chatId))
  const rules = useChangeRules(chatId)
  if (data === undefined) {
    return error === null ? (
      <LoadingRows label="Loading the rules" rows={2} />
    ) : (
      <LoadFailed
        title="The rules could not be loaded"
        error={error}
        onRetry={() => void refetch()}
        retrying={isFetching}
      />
    )
  }
  if (data.rules.length === 0) {
    return <Empty>This chat has no rules of its own. Those of the deployment say which calls ask first.</Empty>
  }
  const remove = async (rule: ToolPolicyRule, place: number) => {
    const key = ruleKey(rule)
    await rules.change((own) => own.filter((one) => ruleKey(one) !== key))
    await notifyDone(`The rule about ${subjectOf(rule)} is removed`, {
      label: "Undo",
      run: () => void rules.change((own) => [...own.slice(0, place), rule, ...own.slice(place)]).catch(() => undefined),
    })
  }
  return (
    <ul aria-label="Rules" className="flex max-h-[50dvh] flex-col overflow-y-auto">
      {data.rules.map((rule, place) => (
        <li
          key={`${place} ${ruleKey(rule)}`}
          className="flex min-h-9 items-center gap-3 border-line text-sm not-first:border-t pointer-coarse:min-h-12"
        >
          <code className="min-w-0 flex-1 font-mono text-xs [overflow-wrap:anywhere]">{subjectOf(rule)}</code>
          <span className="shrink-0 text-xs text-ink-soft">{ACTIONS[rule.action]}</span>
          <IconButton
            label={`Remove the rule about ${subjectOf(rule)}`}
            size="small"
            onClick={() => void remove(rule, place).catch(() => undefined)}
          >
            <Trash2 aria-hidden />
          </IconButton>
        </li>
      ))}
    </ul>
  )
}

interface RulesDialogProps {
  readonly chatId: string
  readonly onClose: () => void
}

/** Which calls of the chat run, ask first or are refused, by rules of its own. The first that matches counts. */
export const RulesDialog = ({ chatId, onClose }: RulesDialogProps) => (
  <Dialog
    open
    onClose={onClose}
    title="Rules for tools"
    about="Of this chat alone, in the order in which they count. They never loosen those of the deployment."
  >
    <div className="mt-3">
      <Rules chatId={chatId} />
    </div>
  </Dialog>
)
