import { ApiError, messageOf } from "../api/client.ts"

export interface FormErrors {
  /** The sentence for the form as a whole; undefined when every fault belongs to a field that is shown. */
  readonly summary: string | undefined
  readonly fields: Readonly<Record<string, string>>
}

export const noErrors: FormErrors = { summary: undefined, fields: {} }

const sentence = (detail: string): string => {
  const text = detail.charAt(0).toUpperCase() + detail.slice(1)
  return /[.!?]$/.test(text) ? text : `${text}.`
}

/** Sorts what a server said about a request into the fields of the form that sent it. */
export const formErrors = (error: unknown, shown: ReadonlyArray<string>): FormErrors => {
  if (error === null || error === undefined) return noErrors
  const validations = error instanceof ApiError ? (error.body.validations ?? []) : []
  const fields: Record<string, string> = {}
  const elsewhere: Array<string> = []
  for (const { field, detail } of validations) {
    if (shown.includes(field)) fields[field] ??= sentence(detail)
    else elsewhere.push(`${field}: ${detail}`)
  }
  if (validations.length === 0) return { summary: messageOf(error), fields }
  return { summary: elsewhere.length > 0 ? elsewhere.map(sentence).join(" ") : undefined, fields }
}
