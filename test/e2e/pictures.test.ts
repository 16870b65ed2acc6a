import { mkdirSync, writeFileSync } from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, expect, it } from "vitest"
import type { ToolPolicyRule } from "../../src/contract/tool-policy.ts"
import { type BrowserTest, signIn, useBrowser } from "../support/browser.ts"
import { Client } from "../support/client.ts"
import { ScriptedProvider } from "../support/scripted-provider.ts"
import type { Step } from "../support/scripted-provider/script.ts"
import { OWNER, useServerProcess } from "../support/server-process.ts"

/**
 * The pictures that the README shows, of a server at work. `TROUPE_PICTURES=1` puts them into `docs/pictures/`; without it, it is only
 * seen to that they can be taken and are small enough for a page.
 */

const folder = fileURLToPath(new URL("../../docs/pictures/", import.meta.url))
const MOST_BYTES = 200_000
const VIEWPORT = { width: 1280, height: 800 }

const server = useServerProcess()
const browser: BrowserTest = useBrowser()
let client: Client
let provider: ScriptedProvider
let shown = ""

const asksBeforePush: ReadonlyArray<ToolPolicyRule> = [
  { pattern: "execute", args: { command_prefix: ["git", "push"] }, action: "ask" },
]

const CODE = `/** Requests a minute, unless an endpoint says otherwise. */
const STANDARD = 60

export const capOf = (endpoint: { cap?: number }): number => endpoint.cap ?? STANDARD
`

const execute = (command: string, id: string) => ({
  calls: [{ tool: "execute", args: { command, timeout: "1h" }, id }],
})

/** What the model says to a prompt, one step after the other. */
const answers: Readonly<Record<string, ReadonlyArray<Step>>> = {
  "Let each endpoint override the cap, and test the cutoff.": [
    {
      items: [
        { text: "The cap is one number for all endpoints. I let an endpoint bring its own." },
        { calls: [{ tool: "write_file", args: { path: "limits.ts", content: CODE }, id: "write" }] },
      ],
    },
    { items: [{ text: "Now I look whether it says what it should." }, execute("grep -n cap limits.ts", "look")] },
    {
      items: [
        { text: "`capOf` takes the endpoint's own cap first. I would push this." },
        execute("git push origin main", "push"),
      ],
    },
  ],
  "Run the long benchmark": [{ items: [{ text: "This takes a while." }, execute("sleep 600", "bench")] }],
  "Watch the build": [{ items: [execute("sleep 900", "build")] }],
  "Check the links of the handbook": [{ items: [execute("sleep 800", "links")] }],
  "Tidy the release notes": [{ items: [execute("git push origin notes", "notes")] }],
  "Split the settings page": [
    { items: [{ text: "The page has four sections. I begin with the first." }, { silence: true }] },
  ],
  "Update the lockfile": [{ status: 401 }],
  "Sort the imports": [{ items: [{ text: "41 files had imports out of order; they are sorted." }] }],
  "Explain the retry rules": [{ items: [{ text: "An attempt that fails is made again, up to five times." }] }],
  "Name the failing tests": [{ items: [{ text: "None fails. 312 pass." }] }],
}

const told = (body: unknown) => JSON.stringify(body)
const stepsDone = (body: unknown) => told(body).match(/"role":"tool"/g)?.length ?? 0

/** Makes a chat with this prompt and waits until it is where the prompt leads. */
const chatOf = async (prompt: string, title: string, activity: string): Promise<string> => {
  const { id } = await client.createChat(prompt, { tool_policy: asksBeforePush })
  await client.call("PATCH", `/chats/${id}`, { body: { title } })
  const reader = await client.stream(id)
  await reader.until((seen) => seen.activity === activity)
  await reader.close()
  return id
}

beforeAll(async () => {
  provider = await ScriptedProvider.start()
  for (const [prompt, steps] of Object.entries(answers)) {
    for (const [index, step] of steps.entries()) {
      provider.script({
        ...step,
        repeat: true,
        when: ({ body }) => told(body).includes(prompt) && stepsDone(body) === index,
      })
    }
  }
  client = await Client.signIn(server.url)
  await client.addScriptedModel(provider)
  for (const prompt of ["Explain the retry rules", "Sort the imports", "Name the failing tests"]) {
    await chatOf(prompt, prompt, "waiting")
  }
  await chatOf("Update the lockfile", "Update the lockfile", "error")
  for (const prompt of ["Run the long benchmark", "Watch the build", "Check the links of the handbook"]) {
    await chatOf(prompt, prompt, "running.executing")
  }
  await chatOf("Split the settings page", "Split the settings page", "running.generating")
  await chatOf("Tidy the release notes", "Tidy the release notes", "requires_action.approval")
  const [asking = ""] = Object.keys(answers)
  shown = await chatOf(asking, "Let each endpoint override the cap", "requires_action.approval")
}, 120_000)
afterAll(() => provider.close())

const pictures = [
  { name: "stage", address: () => "/agents", heading: /./ },
  { name: "chat", address: () => `/agents/${shown}`, heading: "Let each endpoint override the cap" },
  { name: "trace", address: () => `/agents/${shown}/trace`, heading: "Let each endpoint override the cap" },
] as const

it.each(pictures)("of the $name is taken, and small enough for a page", async ({ name, address, heading }) => {
  const page = await browser.open(server.url, { viewport: VIEWPORT })
  await signIn(page, OWNER)
  await page.goto(server.url + address())
  await page.getByRole("heading", { name: heading }).first().waitFor()
  // Fonts and code that is coloured come after the text.
  await page.waitForLoadState("networkidle")
  await page.evaluate("document.fonts.ready.then(() => undefined)")
  const picture = await page.screenshot()
  expect(picture.length).toBeGreaterThan(20_000)
  expect(picture.length).toBeLessThan(MOST_BYTES)
  if (process.env["TROUPE_PICTURES"] === "1") {
    mkdirSync(folder, { recursive: true })
    writeFileSync(path.join(folder, `${name}.png`), picture)
  }
  await browser.picture(page, `readme-${name}`)
  await page.context().close()
})
