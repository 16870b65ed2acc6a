// What a page costs where many share a server: accounts, a group, and chats that others have let somebody read.
import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { withDatabase } from "./database.mjs"
import { timesOf } from "./read-scenarios.mjs"
import { spread } from "./statistics.mjs"

const SHARED = 3000
const IN_GROUP = 10_000

/** Accounts of one organization, a group of the first of them, and chats of the first that the one who reads was let into. */
async function fill(query, { me, organization, chat, accounts }) {
  await query(
    `insert into users (id, username, email, name, status, site_roles)
     select gen_random_uuid(), 'user-' || lpad(n::text, 7, '0'), 'user' || n || '@example.com', 'Person ' || md5(n::text),
            (array['active', 'dormant', 'suspended'])[1 + n % 3], case when n % 5000 = 0 then '{auditor}'::text[] else '{}' end
     from generate_series(1, $1) n`,
    [accounts],
  )
  await query(
    `insert into organization_members (organization_id, user_id, roles)
     select $1, id, '{agents-access}' from users where username like 'user-%'`,
    [organization],
  )
  const [group] = await query(
    `insert into groups (id, organization_id, name) values (gen_random_uuid(), $1, 'many') returning id`,
    [organization],
  )
  await query(
    `insert into group_members (group_id, organization_id, user_id)
     select $1, $2, id from users where username like 'user-%' order by username limit $3`,
    [group.id, organization, IN_GROUP],
  )
  await query(
    `insert into chats (id, owner_id, organization_id, activity, machine_version, last_model_config_id, title, user_acl)
     select gen_random_uuid(), owner.id, organization_id, 'waiting', machine_version, last_model_config_id, 'chat ' || n,
            case when n % 10 = 0 then jsonb_build_object($2::text, 'read') else '{}' end
     from chats, (select id from users where username like 'user-%' order by username limit 1) owner, generate_series(1, $3) n
     where chats.id = $1`,
    [chat, me, SHARED * 10],
  )
  for (const table of ["users", "organization_members", "group_members", "chats"])
    await query(`vacuum analyze ${table}`)
  return group.id
}

/** Pages of lists of so many `accounts`, each asked for `times` times, one after the other. */
export async function runPeople({ client, installation, accounts, times }) {
  const { id: chat, close } = await client.open("shared")
  close()
  const { id: me, organization_ids } = await client.get("/users/me")
  const [organization] = organization_ids
  const group = await withDatabase(installation, (query) => fill(query, { me, organization, chat, accounts }))
  const far = accounts - 1000
  const [last] = (await client.get(`/users?limit=1&offset=${far}`)).users
  const pages = {
    firstPage: "/users?limit=25",
    nextPageFarDown: `/users?limit=25&after_id=${last.id}`,
    numberedPageFarDown: `/users?limit=25&offset=${far}`,
    byName: "/users?limit=25&q=user-00500",
    byPieceOfAddress: "/users?limit=25&q=r77777@",
    byRole: "/users?limit=25&q=role:auditor",
    byStatus: "/users?limit=25&q=status:suspended",
    members: `/organizations/${organization}/paginated-members?limit=25`,
    group: `/groups/${group}?limit=25&offset=${IN_GROUP - 1000}`,
    sharedChats: "/chats?limit=50&q=source%3ashared_with_me",
  }
  const figures = {}
  for (const [name, path] of Object.entries(pages)) {
    await client.get(path)
    figures[`${name}Ms`] = spread(await timesOf(times, () => client.get(path)))
  }
  return { scenario: "people", accounts, ...figures }
}

const policySpeed = fileURLToPath(new URL("../scripts/policy-speed.ts", import.meta.url))

/** Decisions of the policy in a process of their own. */
export function runPolicy() {
  const { cases, p50, p99 } = JSON.parse(
    execFileSync(process.execPath, ["--import", "tsx", policySpeed], { encoding: "utf8" }),
  )
  return { scenario: "policy", cases, decisionUs: { p50, p99 } }
}
