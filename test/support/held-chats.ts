import { Effect } from "effect"
import { randomUUID } from "node:crypto"
import { afterEach } from "vitest"
import { CapacityLimits } from "../../src/actors/host/capacity-limits.ts"
import { Chats } from "../../src/chats/chats.ts"
import type { Capacity } from "../../src/db/chats/admission.ts"
import { MemberRepository } from "../../src/db/identity/members.ts"
import { OrganizationRepository } from "../../src/db/identity/organizations.ts"
import { UserRepository } from "../../src/db/identity/users.ts"
import type { Caller } from "../../src/identity/policy.ts"
import type { Engine, TestEngines } from "./engine.ts"
import { type Gate, openGate } from "./scripted-provider.ts"

/** Chats whose turns last until the test lets them end, and the limits of how many may run. */
export interface HeldChats {
  /** Creates a chat whose turn lasts until `end` is called with its words. */
  readonly begin: (engine: Engine, words: string, caller?: Caller) => Promise<string>
  readonly end: (words: string) => void
  readonly endAll: () => void
  readonly limit: (engine: Engine, capacity: Partial<Capacity>) => Promise<void>
  /** Another member of the organization. */
  readonly someoneElse: (engine: Engine) => Promise<Caller>
}

/** For the test file that calls this at its top level. */
export const useHeldChats = (engines: TestEngines): HeldChats => {
  const held = new Map<string, Gate>()
  const endAll = () => {
    for (const gate of held.values()) gate.open()
    held.clear()
  }
  afterEach(endAll)
  return {
    begin: async (engine, words, caller = engine.caller) => {
      const gate = openGate()
      held.set(words, gate)
      engines.provider.script({ when: words, items: [{ text: "working" }, { gate: gate.wait }] })
      const request = {
        organization_id: caller.organizations[0]?.id ?? "",
        content: [{ type: "text", text: words }],
      }
      const { id } = await engine.run(Effect.flatMap(Chats, (chats) => chats.create(caller, request)))
      return id
    },
    end: (words) => held.get(words)?.open(),
    endAll,
    limit: (engine, capacity) => {
      const limits = { deployment: null, perUser: null, perOrganization: null, ...capacity }
      return engine.run(Effect.flatMap(CapacityLimits, ({ write }) => write(limits, engine.caller.userId)))
    },
    someoneElse: (engine) => {
      const username = `other-${randomUUID().slice(0, 8)}`
      const roles = ["agents-access"]
      return engine.run(
        Effect.gen(function* () {
          const organizations = yield* OrganizationRepository
          const members = yield* MemberRepository
          const organization = yield* organizations.defaultId
          const users = yield* UserRepository
          const email = `${username}@example.com`
          const userId = yield* users.insert({ email, username, name: "", passwordHash: null, siteRoles: [] })
          yield* members.add(organization, userId, roles)
          return { userId, username, siteRoles: [], organizations: [{ id: organization, roles }] }
        }).pipe(Effect.orDie),
      )
    },
  }
}
