import { Bot, Lightbulb, Monitor } from "lucide-react"
import type { ToolRenderer } from "./tool-call.ts"
import { worded } from "./worded.tsx"

const about = ["title", "name", "agent_title", "description"]

const spawn = worded({
  Icon: Bot,
  wording: { going: "Starting an agent", done: "Started an agent", asked: "Start an agent" },
  about,
})
const explore = worded({
  Icon: Bot,
  wording: {
    going: "Starting an agent to explore",
    done: "Started an agent to explore",
    asked: "Start an agent to explore",
  },
  about,
})
const computer = worded({
  Icon: Monitor,
  wording: { going: "Using the computer", done: "Used the computer", asked: "Use the computer" },
  about: [...about, "action"],
})
const wait = worded({
  Icon: Bot,
  wording: { going: "Waiting for an agent", done: "Heard from an agent", asked: "Wait for an agent" },
  about,
})
const message = worded({
  Icon: Bot,
  wording: { going: "Writing to an agent", done: "Wrote to an agent", asked: "Write to an agent" },
  about,
})
const close = worded({
  Icon: Bot,
  wording: { going: "Stopping an agent", done: "Stopped an agent", asked: "Stop an agent" },
  about,
})
const list = worded({
  Icon: Bot,
  wording: { going: "Listing agents", done: "Listed agents", asked: "List agents" },
})
const advisor = worded({
  Icon: Lightbulb,
  wording: { going: "Asking the advisor", done: "Asked the advisor", asked: "Ask the advisor" },
})

/** Tools by which agents work with one another, under the names they have and have had. */
export const agentTools: ReadonlyArray<readonly [string, ToolRenderer]> = [
  ["spawn_agent", spawn],
  ["spawn_explore_agent", explore],
  ["spawn_computer_use_agent", computer],
  ["computer", computer],
  ["wait_agent", wait],
  ["message_agent", message],
  ["close_agent", close],
  ["interrupt_agent", close],
  ["list_agents", list],
  ["list_subagent_models", list],
  ["advisor", advisor],
]
