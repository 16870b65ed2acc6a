import { useState } from "react"

/**
 * What a form holds: only the fields that somebody changed. All others show what is saved, so that a refetch never overwrites
 * what is being written, and shows what is new elsewhere.
 */
export interface FormState<Values> {
  readonly values: Values
  /** Something would be lost if the form went away. */
  readonly dirty: boolean
  readonly set: <Name extends keyof Values>(name: Name, value: Values[Name]) => void
  /** Back to what is saved. */
  readonly reset: () => void
}

/** The saved values with the changes on top. */
export const withEdits = <Values extends object>(saved: Values, edits: Partial<Values>): Values => ({
  ...saved,
  ...edits,
})

/** True when a field differs from what is saved: writing the old value back leaves nothing to lose. */
export const isDirty = <Values extends object>(saved: Values, edits: Partial<Values>): boolean =>
  (Object.keys(edits) as Array<keyof Values>).some((name) => !Object.is(edits[name], saved[name]))

export const useFormState = <Values extends object>(saved: Values): FormState<Values> => {
  const [edits, setEdits] = useState<Partial<Values>>({})
  return {
    values: withEdits(saved, edits),
    dirty: isDirty(saved, edits),
    set: (name, value) => setEdits((held) => ({ ...held, [name]: value })),
    reset: () => setEdits({}),
  }
}
