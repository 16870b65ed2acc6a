import { Fragment } from "react"
import type { AssignableRole } from "../../../../src/contract/roles.ts"
import { proseText } from "../../ui/prose-text.ts"
import { Tag } from "../../ui/tag.tsx"
import { type Reach, reachOf } from "./role-grants.ts"
import { actionTitle, roleTitle, type ThingActions, thingTitle } from "./role-words.ts"

const reaches = {
  all: <Tag tone="good">all</Tag>,
  own: <Tag tone="accent">own</Tag>,
  never: <Tag tone="danger">never</Tag>,
} as const

const Cell = ({ reach }: { readonly reach: Reach }) =>
  reach === undefined ? (
    <span className="text-ink-faint">
      <span aria-hidden>·</span>
      <span className="sr-only">no</span>
    </span>
  ) : (
    reaches[reach]
  )

interface RoleMatrixProps {
  readonly label: string
  readonly scope: "site" | "organization"
  readonly roles: ReadonlyArray<AssignableRole>
  readonly things: ReadonlyArray<ThingActions>
}

/** The first column stays where it is while the roles scroll beneath it. */
const pinned = "sticky left-0 z-10 bg-raised text-left font-normal"

/** Things and what can be done with them, by the roles that allow it: on all of them, on one's own, or never. */
export const RoleMatrix = ({ label, scope, roles, things }: RoleMatrixProps) => (
  <div
    role="region"
    aria-label={label}
    tabIndex={0}
    className="relative max-h-[70vh] overflow-auto rounded-card border border-line bg-raised shadow-low"
  >
    <table className="w-full border-separate border-spacing-0 text-sm">
      <thead>
        <tr>
          <th
            scope="col"
            className="sticky top-0 left-0 z-30 min-w-56 border-b border-line bg-raised px-3 text-left text-xs font-normal text-ink-faint"
          >
            Action
          </th>
          {roles.map((role) => (
            <th
              key={role.name}
              scope="col"
              title={role.description}
              className="sticky top-0 z-20 max-w-32 min-w-24 border-b border-line bg-raised px-2 py-2 text-xs font-medium text-ink"
            >
              {proseText(roleTitle(role))}
              {!role.built_in && <span className="block font-normal text-ink-faint">custom</span>}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {things.map(({ resourceType, actions }) => (
          <Fragment key={resourceType}>
            <tr>
              <th scope="rowgroup" colSpan={roles.length + 1} className="border-b border-line bg-sunken p-0 text-left">
                <span className="sticky left-0 inline-block px-3 py-1.5 font-semibold">{thingTitle(resourceType)}</span>
              </th>
            </tr>
            {actions.map((action) => (
              <tr key={action} className="hover:bg-hover">
                <th scope="row" className={`${pinned} border-b border-line px-3 py-1.5 text-ink-soft`}>
                  {actionTitle(action)}
                </th>
                {roles.map((role) => (
                  <td key={role.name} className="border-b border-line px-2 text-center">
                    <Cell reach={reachOf(role, scope, resourceType, action)} />
                  </td>
                ))}
              </tr>
            ))}
          </Fragment>
        ))}
      </tbody>
    </table>
  </div>
)
