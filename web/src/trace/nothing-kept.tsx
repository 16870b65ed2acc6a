import { Empty } from "../ui/list-states.tsx"

/** In place of all of Trace, for a chat that was made before versions were kept. */
export const NothingKept = () => (
  <div className="m-auto w-full max-w-lg p-4">
    <Empty>Nothing is kept of how this chat came to be what it is.</Empty>
  </div>
)
