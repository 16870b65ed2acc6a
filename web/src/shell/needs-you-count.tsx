import { useNeedsYou } from "./needs-you.ts"

/** How many chats wait for a person, on the corner of the section that lists them. */
export const NeedsYouCount = () => {
  const count = useNeedsYou()
  if (count === 0) return null
  return (
    <span className="absolute top-0.5 right-3 flex h-4 min-w-4 items-center justify-center rounded-full bg-s-approval px-1 text-2xs font-semibold text-[oklch(0.2_0.03_75)] ring-2 ring-rail">
      {count}
      <span className="sr-only"> {count === 1 ? "chat needs you" : "chats need you"}</span>
    </span>
  )
}
