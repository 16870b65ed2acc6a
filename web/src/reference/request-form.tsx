import { useId } from "react"
import { TextField } from "../ui/field.tsx"
import type { Operation, Parameter } from "./api-document.ts"
import { isHeaderText } from "./request-text.ts"
import type { Example } from "./use-example.ts"

const labelOf = ({ name, required }: Parameter): string => (required ? name : `${name} (may be left out)`)

/** Why a text is no body; undefined for one that is. */
export const faultOf = (body: string): string | undefined => {
  try {
    JSON.parse(body)
    return undefined
  } catch {
    return "This is no JSON yet: look for a comma, a quote or a bracket."
  }
}

const isHeader = (parameter: Parameter): boolean => parameter.in === "header"

interface FieldsProps {
  readonly parameters: ReadonlyArray<Parameter>
  readonly example: Example
}

const Fields = ({ parameters, example }: FieldsProps) =>
  parameters.length > 0 && (
    <div className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,15rem),1fr))] gap-x-4 gap-y-3">
      {parameters.map((parameter) => (
        <TextField
          key={parameter.name}
          label={labelOf(parameter)}
          value={example.values[parameter.name] ?? ""}
          onChange={({ target }) => example.setValue(parameter.name, target.value)}
          error={
            isHeader(parameter) && !isHeaderText(example.values[parameter.name] ?? "")
              ? "Only letters, digits and signs of ASCII can stand in a header."
              : undefined
          }
          readOnly={example.pending}
          autoComplete="off"
          spellCheck={false}
        />
      ))}
    </div>
  )

interface RequestFormProps {
  readonly operation: Operation
  readonly example: Example
}

/** Parameters and body of a request, to be changed. */
export const RequestForm = ({ operation, example }: RequestFormProps) => {
  const id = useId()
  const { body } = example
  const fault = body === undefined ? undefined : faultOf(body)
  return (
    <>
      <Fields parameters={operation.parameters.filter((each) => !isHeader(each))} example={example} />
      {body !== undefined && (
        <div className="flex flex-col gap-1.5">
          <label htmlFor={id} className="text-sm font-medium">
            Body
          </label>
          <textarea
            id={id}
            value={body}
            onChange={({ target }) => example.setBody(target.value)}
            readOnly={example.pending}
            rows={Math.min(18, body.split("\n").length)}
            autoComplete="off"
            spellCheck={false}
            dir="ltr"
            aria-invalid={fault === undefined ? undefined : true}
            aria-describedby={fault === undefined ? undefined : `${id}-note`}
            className="w-full resize-y rounded-card border border-control-line bg-raised px-3 py-2.5 font-mono text-xs leading-5 text-ink aria-invalid:border-danger"
          />
          {fault !== undefined && (
            <p id={`${id}-note`} className="text-xs text-danger">
              {fault}
            </p>
          )}
        </div>
      )}
      <Fields parameters={operation.parameters.filter(isHeader)} example={example} />
      {example.lacking.length > 0 && (
        <p className="text-xs text-warning">
          {`The example needs ${example.lacking.join(" and ")}. There is none to put in yet, so an id that nothing has stands there.`}
        </p>
      )}
    </>
  )
}
