import { proseText } from "../ui/prose-text.ts"

/** Whose chat it is, where it is not one's own: the first letter, and the name. */
export const OwnerMark = ({ name }: { readonly name: string }) => (
  <span className="inline-flex max-w-full min-w-0 items-center gap-1.5 align-bottom">
    <span
      aria-hidden
      className="flex size-4 shrink-0 items-center justify-center rounded-full bg-accent-fill text-[0.625rem] leading-none font-semibold text-accent uppercase"
    >
      {[...name][0]}
    </span>
    <span className="truncate">{proseText(name)}</span>
  </span>
)
