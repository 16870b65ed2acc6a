import { BookOpen, Boxes, LayoutTemplate, Paperclip, Search } from "lucide-react"
import { listField, type ToolRenderer } from "./tool-call.ts"
import { worded } from "./worded.tsx"

const about = ["name", "workspace_name", "template", "template_name"]

/** Workspaces, their templates, and what is read from and attached out of them. */
export const workspaceTools: ReadonlyArray<readonly [string, ToolRenderer]> = [
  [
    "create_workspace",
    worded({
      Icon: Boxes,
      wording: { going: "Creating a workspace", done: "Created a workspace", asked: "Create a workspace" },
      about,
    }),
  ],
  [
    "start_workspace",
    worded({
      Icon: Boxes,
      wording: { going: "Starting the workspace", done: "Started the workspace", asked: "Start the workspace" },
      about,
    }),
  ],
  [
    "stop_workspace",
    worded({
      Icon: Boxes,
      wording: { going: "Stopping the workspace", done: "Stopped the workspace", asked: "Stop the workspace" },
      about,
    }),
  ],
  [
    "list_templates",
    worded({
      Icon: LayoutTemplate,
      wording: { going: "Listing templates", done: "Listed templates", asked: "List templates" },
      note: ({ result }) => {
        const { length } = listField(result, "templates")
        return length === 0 ? undefined : String(length)
      },
    }),
  ],
  [
    "read_template",
    worded({
      Icon: LayoutTemplate,
      wording: { going: "Reading the template", done: "Read the template", asked: "Read the template" },
      about: [...about, "template_id"],
    }),
  ],
  [
    "attach_file",
    worded({
      Icon: Paperclip,
      wording: { going: "Attaching", done: "Attached", asked: "Attach" },
      about: ["name", "path", "file_name"],
    }),
  ],
  [
    "read_skill",
    worded({
      Icon: BookOpen,
      wording: { going: "Reading the skill", done: "Read the skill", asked: "Read the skill" },
      about: ["name", "skill"],
    }),
  ],
  [
    "read_skill_file",
    worded({
      Icon: BookOpen,
      wording: { going: "Reading a file of a skill", done: "Read a file of a skill", asked: "Read a file of a skill" },
      about: ["path", "file", "name"],
    }),
  ],
  [
    "find_tools",
    worded({
      Icon: Search,
      wording: { going: "Looking for tools", done: "Looked for tools", asked: "Look for tools" },
      about: ["query"],
    }),
  ],
]
