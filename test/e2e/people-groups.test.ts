import type { Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { signIn, useBrowser } from "../support/browser.ts"
import { enterOn, tabTo, takeFromRowMenu, writeIn } from "../support/by-keyboard.ts"
import { Client } from "../support/client.ts"
import { OWNER, useServerProcess } from "../support/server-process.ts"
import { addUser, PASSWORD } from "../http/people/people-client.ts"

/** An administrator looks after groups, organizations and roles, without a mouse. */

const server = useServerProcess()
const browser = useBrowser(/status of (400|409) .*\/api\/v2\/(organizations|groups)/)
let page: Page
let owner: Client

beforeAll(async () => {
  owner = await Client.signIn(server.url)
  await addUser(owner, "ada", { name: "Ada Lovelace" })
  await addUser(owner, "grace", { name: "Grace Hopper" })
  page = await browser.open(server.url)
  await signIn(page, OWNER)
})
afterAll(() => page.context().close())

const dialog = () => page.getByRole("dialog")
const table = (name: string) => page.getByRole("region", { name })

/** Picks who is found first by what is written. */
const pick = async (text: string, name: string) => {
  const field = page.getByRole("combobox", { name: "Add a member" })
  await tabTo(page, field)
  await page.keyboard.type(text)
  await page.getByRole("option", { name, selected: true }).waitFor()
  await page.keyboard.press("Enter")
  await expect.poll(() => field.inputValue()).toBe("")
}

it("makes a group of two", async () => {
  await page.goto(`${server.url}/settings/groups`)
  await enterOn(page, page.getByRole("button", { name: "New group" }))
  const form = page.getByRole("form", { name: "New group" })
  await tabTo(page, form.getByLabel("Name", { exact: true }))
  await page.keyboard.type("Everyone")
  await page.keyboard.press("Enter")
  await form.getByText("Is taken.").waitFor()
  await page.keyboard.press("ControlOrMeta+A")
  await page.keyboard.type("compilers")
  await page.keyboard.press("Enter")
  await page.getByText("Nobody is in this group yet.").waitFor()

  await pick("love", "Ada Lovelace")
  await table("Members of the group").getByText("Ada Lovelace").waitFor()
  // Who is in it already is not offered.
  await tabTo(page, page.getByRole("combobox", { name: "Add a member" }))
  await page.keyboard.type("love")
  await page.getByText("Nobody else is called so.").waitFor()
  await page.keyboard.press("Escape")
  await expect.poll(() => page.getByRole("listbox").count()).toBe(0)
  await writeIn(page, page.getByRole("combobox", { name: "Add a member" }), "")
  await page.keyboard.press("ControlOrMeta+A")
  await page.keyboard.press("Delete")
  await page.keyboard.press("Escape")
  await pick("grace@", "Grace Hopper")
  await table("Members of the group").getByText("Grace Hopper").waitFor()
  await browser.picture(page, "group-of-two")

  await enterOn(page, table("Members of the group").getByRole("button").first())
  await expect.poll(() => table("Members of the group").getByText("Ada Lovelace").count()).toBe(0)
  await enterOn(page, page.getByRole("button", { name: "Remove grace" }))
  await page.getByText("Nobody is in this group yet.").waitFor()
  await pick("ada", "Ada Lovelace")
  await pick("grace", "Grace Hopper")
  await table("Members of the group").getByText("Grace Hopper").waitFor()
})

it("shows the group of everyone as what it is, and nothing there can be changed", async () => {
  await page.goto(`${server.url}/settings/groups`)
  await table("Groups of the organization")
    .getByRole("link", { name: /^Everyone/ })
    .focus()
  await page.keyboard.press("Enter")
  await page.getByText("Everybody in the organization", { exact: true }).waitFor()
  await table("Members of the group").getByText("Ada Lovelace").waitFor()
  expect(await page.getByRole("combobox", { name: "Add a member" }).count()).toBe(0)
  expect(await page.getByRole("region", { name: "Danger zone" }).count()).toBe(0)
})

it("makes a role, which whoever looks finds in the matrix", async () => {
  await page.goto(`${server.url}/settings/roles`)
  await enterOn(page, page.getByRole("button", { name: "New role" }))
  const form = page.getByRole("form", { name: "New role" })
  await tabTo(page, form.getByLabel("Name", { exact: true }))
  await page.keyboard.type("Group Keeper")
  await tabTo(page, form.getByRole("checkbox", { name: "Groups, Create: All" }))
  await page.keyboard.press("Space")
  await tabTo(page, form.getByRole("checkbox", { name: "Groups, Read: All" }))
  await page.keyboard.press("Space")
  // What nobody does in another's name cannot be given for all.
  await expect.poll(() => form.getByRole("checkbox", { name: "Chats, Create: All" }).isDisabled()).toBe(true)
  await enterOn(page, form.getByRole("button", { name: "Create role" }))
  await form.getByText(/must be small letters/i).waitFor()
  await tabTo(page, form.getByLabel("Name", { exact: true }), "Shift+Tab")
  await page.keyboard.press("ControlOrMeta+A")
  await page.keyboard.type("group-keeper")
  await page.keyboard.press("Enter")
  await form.waitFor({ state: "detached" })
  await page.getByRole("columnheader", { name: "group-keeper" }).waitFor()
  await browser.picture(page, "role-made")
}, 60_000)

it("gives the role to a member, who can then do what it allows and nothing more", async () => {
  await page.goto(`${server.url}/settings/organizations`)
  await table("Organizations of this deployment").getByRole("link").first().focus()
  await page.keyboard.press("Enter")
  const ada = table("Members of the organization").getByText("Ada Lovelace")
  await ada.waitFor()
  await takeFromRowMenu(page, page.getByRole("button", { name: "Actions for ada" }), "Change roles")
  await tabTo(page, dialog().getByLabel("group-keeper"))
  await page.keyboard.press("Space")
  await browser.picture(page, "member-roles")
  await enterOn(page, dialog().getByRole("button", { name: "Save roles" }))
  await table("Members of the organization").getByText("group-keeper").waitFor()

  // She may now make a group, and nothing else of the administration is hers.
  const hers = await browser.open(server.url)
  await signIn(hers, { email: "ada@example.com", password: PASSWORD })
  await hers.goto(`${server.url}/settings/groups`)
  await hers.getByRole("button", { name: "New group" }).waitFor()
  const entries = hers.getByRole("navigation", { name: "Settings" })
  await entries.getByRole("link", { name: "Groups" }).waitFor()
  expect(await entries.getByRole("link", { name: "Users" }).count()).toBe(0)
  await hers.context().close()
})

it("changes the role and deletes it, and members have it no more", async () => {
  await page.goto(`${server.url}/settings/roles`)
  await enterOn(page, page.getByRole("button", { name: "Change group-keeper" }))
  const form = page.getByRole("form", { name: "Change group-keeper" })
  await expect.poll(() => form.getByRole("checkbox", { name: "Groups, Create: All" }).isChecked()).toBe(true)
  await writeIn(page, form.getByLabel("Display name"), "Group keeper")
  await enterOn(page, form.getByRole("button", { name: "Save role" }))
  await page.getByRole("columnheader", { name: "Group keeper" }).waitFor()
  await enterOn(page, page.getByRole("button", { name: "Delete group-keeper" }))
  await enterOn(page, dialog().getByRole("button", { name: "Delete" }))
  await expect.poll(() => page.getByRole("columnheader", { name: "Group keeper" }).count()).toBe(0)
  const { body } = await owner.call("GET", "/users/ada/roles")
  expect(JSON.stringify(body)).not.toContain("group-keeper")
})

it("makes an organization, adds a member, says who shares workspaces, and deletes it", async () => {
  await page.goto(`${server.url}/settings/organizations`)
  await enterOn(page, page.getByRole("button", { name: "New organization" }))
  const form = page.getByRole("form", { name: "New organization" })
  await tabTo(page, form.getByLabel("Name", { exact: true }))
  await page.keyboard.type("default")
  await page.keyboard.press("Enter")
  await form.getByText("Is taken.").waitFor()
  await page.keyboard.press("ControlOrMeta+A")
  await page.keyboard.type("research")
  await page.keyboard.press("Enter")
  await page.getByRole("heading", { name: "research", level: 1 }).waitFor()
  await pick("ada", "Ada Lovelace")
  const members = table("Members of the organization")
  await members.getByRole("row", { name: /Ada Lovelace.*Agents access/ }).waitFor()

  const modes = page.getByRole("radiogroup", { name: "Who may share workspaces" })
  await tabTo(page, modes.getByRole("radio", { checked: true }))
  // What is chosen follows the arrow once it is there, while the key is down.
  await page.keyboard.down("ArrowRight")
  await modes.getByRole("radio", { name: /^Service accounts only/, checked: true }).waitFor()
  await page.keyboard.up("ArrowRight")
  await enterOn(page, page.getByRole("button", { name: "Save sharing" }))
  await expect
    .poll(async () => (await owner.call("GET", "/organizations/research/settings/workspace-sharing")).body)
    .toMatchObject({ shareable_workspace_owners: "service_accounts" })
  await browser.picture(page, "organization")

  await enterOn(page, page.getByRole("region", { name: "Danger zone" }).getByRole("button", { name: "Delete" }))
  await enterOn(page, dialog().getByRole("button", { name: "Delete" }))
  await table("Organizations of this deployment").waitFor()
  await expect.poll(() => page.getByRole("link", { name: "research" }).count()).toBe(0)
})
