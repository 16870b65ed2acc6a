import { visibleText } from "../ui/visible-text.ts"
import { Output } from "./output.tsx"

const pretty = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value, null, 2) ?? ""))

export const JsonBlock = ({ label, value }: { readonly label: string; readonly value: unknown }) => (
  <Output label={label} title={label}>
    {visibleText(pretty(value))}
  </Output>
)
