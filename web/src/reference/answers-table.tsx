import { Tag } from "../ui/tag.tsx"
import type { Answer } from "./api-document.ts"
import { Words } from "./words.tsx"

/** Which status comes when. */
export const AnswersTable = ({ answers }: { readonly answers: ReadonlyArray<Answer> }) => (
  <dl className="divide-y divide-line rounded-card border border-line bg-raised">
    {answers.map(({ status, description }) => (
      <div key={status} className="flex items-start gap-3 px-3 py-2 text-sm">
        <dt className="pt-0.5">
          <Tag tone={status < "300" ? "good" : "neutral"}>{status}</Tag>
        </dt>
        <dd className="min-w-0 text-ink-soft">
          <Words text={description} />
        </dd>
      </div>
    ))}
  </dl>
)
