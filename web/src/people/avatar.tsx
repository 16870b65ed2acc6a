interface AvatarProps {
  readonly name: string
  /** Groups are squares, people and programs are round. */
  readonly kind?: "user" | "group"
}

/** The first letter of a name, as the sign of who has it. Pictures of elsewhere are not loaded: their servers would learn who looks. */
export const Avatar = ({ name, kind = "user" }: AvatarProps) => (
  <span
    aria-hidden
    className={`flex size-5.5 shrink-0 items-center justify-center bg-accent-fill text-2xs font-semibold text-accent uppercase ${kind === "group" ? "rounded-small" : "rounded-full"}`}
  >
    {[...name][0]}
  </span>
)
