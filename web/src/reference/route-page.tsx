import { Braces } from "lucide-react"
import { Disclosure } from "../ui/disclosure.tsx"
import { Tag } from "../ui/tag.tsx"
import type { ApiReference, Parameter, Route } from "./api-document.ts"
import { AnswersTable } from "./answers-table.tsx"
import { OperationHead } from "./operation-head.tsx"
import { ReferenceSection } from "./reference-section.tsx"
import { FieldTable, SchemaTable } from "./schema-table.tsx"
import { schemaRows } from "./schema-rows.ts"
import { TryPanel } from "./try-panel.tsx"

/** Parameters as the fields of a body are shown. */
export const ParameterTable = ({ parameters }: { readonly parameters: ReadonlyArray<Parameter> }) => {
  const properties = Object.fromEntries(
    parameters.map(({ name, schema, description }) => [name, { ...schema, description }]),
  )
  const required = parameters.filter((each) => each.required).map(({ name }) => name)
  return <FieldTable label="Table of the parameters" rows={schemaRows({ type: "object", properties, required }, {})} />
}

interface RoutePageProps {
  readonly route: Route
  readonly reference: ApiReference
}

/** All there is to say about one route, and its example to be run. */
export const RoutePage = ({ route, reference }: RoutePageProps) => {
  const { schemas } = reference
  const success = route.answers.find(({ status, schema }) => status < "300" && schema !== undefined)
  return (
    <>
      <OperationHead operation={route} />
      <ReferenceSection title="Try it">
        <TryPanel route={route} reference={reference} />
      </ReferenceSection>
      {route.parameters.length > 0 && (
        <ReferenceSection title="Parameters">
          <ParameterTable parameters={route.parameters} />
        </ReferenceSection>
      )}
      {route.body !== undefined && (
        <ReferenceSection title="Body">
          <SchemaTable label="Fields of the body" schema={route.body.schema} schemas={schemas} />
        </ReferenceSection>
      )}
      <ReferenceSection title="Answers">
        <AnswersTable answers={route.answers} />
        {success?.schema !== undefined && (
          <Disclosure icon={<Braces />} label="Fields of the answer" aside={<Tag tone="good">{success.status}</Tag>}>
            <SchemaTable label="Fields of the answer" schema={success.schema} schemas={schemas} />
          </Disclosure>
        )}
      </ReferenceSection>
    </>
  )
}
