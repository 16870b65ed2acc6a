import { expect, it } from "vitest"
import type { Organization } from "../../../src/contract/organizations.ts"
import { pickOrganization } from "./organization-choice.ts"

const organization = (id: string, is_default = false): Organization => ({
  id,
  name: id,
  display_name: "",
  description: "",
  icon: "",
  is_default,
  created_at: "",
  updated_at: "",
})

const all = [organization("atlas"), organization("base", true), organization("cedar")]

it.each([
  ["the remembered one", all, "cedar", "cedar"],
  ["the default one where none is remembered", all, undefined, "base"],
  ["the default one where the remembered one cannot be chosen any more", all, "gone", "base"],
  ["the first where the default one cannot be chosen", all.filter(({ is_default }) => !is_default), undefined, "atlas"],
  ["none where there is none", [], "cedar", undefined],
])("picks %s", (_, organizations, remembered, id) => {
  expect(pickOrganization(organizations, remembered)?.id).toBe(id)
})
