import { Output } from "./output.tsx"

const looks: Readonly<Record<string, string>> = {
  "+": "bg-success-fill text-success",
  "-": "bg-danger-fill text-danger",
  "@": "text-ink-faint",
}

/** A unified diff. Signs stay, so that colour is not all that tells lines apart. */
export const Diff = ({ path, diff }: { readonly path: string | undefined; readonly diff: string }) => (
  <Output label="Changes" title={path}>
    {diff
      .replace(/\n$/, "")
      .split("\n")
      .map((line, index) => (
        <span key={index} className={`-mx-3 block px-3 ${looks[line.charAt(0)] ?? ""}`}>
          {line || " "}
        </span>
      ))}
  </Output>
)

const signed = (sign: string, text: string): string =>
  text === ""
    ? ""
    : text
        .replace(/\n$/, "")
        .split("\n")
        .map((line) => `${sign}${line}\n`)
        .join("")

/** The diff of one replacement, without the lines around it. */
export const replacementDiff = (before: string, after: string): string => signed("-", before) + signed("+", after)
