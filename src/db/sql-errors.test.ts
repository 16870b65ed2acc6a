import { SqlError } from "@effect/sql/SqlError"
import { expect, it } from "vitest"
import { isConflict, isDatabaseAway } from "./sql-errors.ts"

const failed = (cause: unknown) => new SqlError({ message: "Failed to execute statement", cause })
const coded = (code: string, message = "no") => Object.assign(new Error(message), { code })

it.each([
  ["nobody listens", coded("ECONNREFUSED")],
  ["the socket is gone", coded("ENOENT")],
  ["the server shuts down", coded("57P01", "terminating connection due to administrator command")],
  ["the server starts", coded("57P03")],
  ["too many connections", coded("53300")],
  ["a statement that took too long", coded("57014")],
  ["a deadlock that came again and again", coded("40P01", "deadlock detected")],
  ["a transaction that others came before", coded("40001")],
  ["a transaction that stood still for too long", coded("25P03")],
  ["a connection that broke", new Error("Connection terminated unexpectedly")],
  ["a database that takes no connections", new Error("Failed to acquire connection", { cause: coded("55000") })],
  ["a connection that fell silent", new Error("Connection terminated: no answer within 32000 ms")],
  ["no free connection", new Error("timeout exceeded when trying to connect")],
])("the database is away: %s", (_, cause) => {
  expect(isDatabaseAway(failed(cause))).toBe(true)
  expect(isDatabaseAway(cause)).toBe(true)
})

it.each([
  ["a unique index", coded("23505")],
  ["a wrong statement", coded("42601", 'syntax error at or near "Connection terminated"')],
  ["a number out of range", coded("22003")],
  ["nothing at all", undefined],
])("the database is there: %s", (_, cause) => {
  expect(isDatabaseAway(failed(cause))).toBe(false)
})

it("a conflict is what the same transaction may succeed after", () => {
  const conflicts = ["40P01", "40001", "40002", "57014", "23505"].filter((code) => isConflict(failed(coded(code))))
  expect(conflicts).toEqual(["40P01", "40001"])
  expect(isConflict(failed(new Error("Connection terminated unexpectedly")))).toBe(false)
})
