import { Braces } from "lucide-react"
import { Disclosure } from "../ui/disclosure.tsx"
import type { ApiReference, Stream } from "./api-document.ts"
import { AnswersTable } from "./answers-table.tsx"
import { JsonText } from "./json-text.tsx"
import { ListenPanel } from "./listen-panel.tsx"
import { OperationHead } from "./operation-head.tsx"
import { ReferenceSection } from "./reference-section.tsx"
import { ParameterTable } from "./route-page.tsx"
import { TextBlock } from "./text-block.tsx"
import { Words } from "./words.tsx"

interface StreamPageProps {
  readonly stream: Stream
  readonly reference: ApiReference
}

/** A stream: its events with an example of each, and the live ones. */
export const StreamPage = ({ stream, reference }: StreamPageProps) => (
  <>
    <OperationHead operation={stream} />
    <ReferenceSection title="Listen">
      <ListenPanel stream={stream} reference={reference} />
    </ReferenceSection>
    <ReferenceSection title="Events">
      <ul className="flex flex-col gap-3">
        {stream.events.map(({ name, description, example }) => {
          const text = JSON.stringify(example, null, 2)
          return (
            <li key={name} className="rounded-card border border-line bg-raised px-3 py-2">
              <h3 className="font-mono text-xs font-semibold">{name}</h3>
              <p className="mt-0.5 text-sm text-ink-soft">
                <Words text={description} />
              </p>
              <Disclosure icon={<Braces />} label="Example">
                <TextBlock label={`Frame with ${name}`} text={text}>
                  <JsonText text={text} />
                </TextBlock>
              </Disclosure>
            </li>
          )
        })}
      </ul>
    </ReferenceSection>
    {stream.parameters.length > 0 && (
      <ReferenceSection title="Parameters">
        <ParameterTable parameters={stream.parameters} />
      </ReferenceSection>
    )}
    <ReferenceSection title="Refusals, before the stream begins">
      <AnswersTable answers={stream.refusals} />
    </ReferenceSection>
  </>
)
