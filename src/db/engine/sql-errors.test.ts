import { SqlError } from "@effect/sql/SqlError"
import { Cause } from "effect"
import { expect, it } from "vitest"
import { factsOf, isConflict, isRefused, troubleIn, troubleOf } from "./sql-errors.ts"

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
  expect(troubleOf(failed(cause))).toBeDefined()
  expect(troubleOf(cause)).toBeDefined()
})

it.each([
  ["a unique index", coded("23505")],
  ["a wrong statement", coded("42601", 'syntax error at or near "Connection terminated"')],
  ["a number out of range", coded("22003")],
  ["nothing at all", undefined],
])("the database is there: %s", (_, cause) => {
  expect(troubleOf(failed(cause))).toBeUndefined()
})

it("a conflict is what the same transaction may succeed after", () => {
  const conflicts = ["40P01", "40001", "40002", "57014", "23505"].filter((code) => isConflict(failed(coded(code))))
  expect(conflicts).toEqual(["40P01", "40001"])
  expect(isConflict(failed(new Error("Connection terminated unexpectedly")))).toBe(false)
})

it.each([
  ["a full disk", coded("53100"), "disk_full", true],
  ["a full disk of the server itself", coded("ENOSPC"), "disk_full", true],
  ["no memory", coded("53200"), "overloaded", true],
  ["a serialization failure", coded("40001"), "overloaded", true],
  ["a statement that took too long", coded("57014"), "overloaded", true],
  ["a server that starts", coded("57P03"), "overloaded", true],
  ["a replica that only reads", coded("25006"), "overloaded", true],
  ["nobody who listens", coded("ECONNREFUSED"), "away", true],
  ["a server that ended meanwhile", coded("57P01"), "away", false],
  ["a broken connection", coded("ECONNRESET"), "away", false],
  ["a lost protocol", coded("08006"), "away", false],
])("%s is trouble that passes, and says whether anything may have been written", (_, cause, kind, untouched) => {
  expect(troubleOf(failed(cause))).toEqual({ kind, untouched })
  expect(isRefused(failed(cause))).toBe(false)
  expect(troubleIn(Cause.die(failed(cause)))).toEqual({ kind, untouched })
})

it.each(["22P02", "22003", "22021", "23502", "23503", "23514", "54000", "54001", "42703", "P0001"])(
  "%s is a refusal for good",
  (code) => {
    expect(troubleOf(failed(coded(code)))).toBeUndefined()
    expect(isRefused(failed(coded(code)))).toBe(true)
  },
)

it("what is no answer of the database is neither", () => {
  for (const error of [new RangeError("Maximum call stack size exceeded"), coded("ERR_INVALID_ARG_TYPE"), undefined]) {
    expect([troubleOf(error), isRefused(error)]).toEqual([undefined, false])
  }
})

it("the log learns what the database said, and never the row", () => {
  const refusal = Object.assign(coded("23514", `new row violates ${"x".repeat(500)}`), {
    constraint: "positive",
    column: "amount",
    table: "things",
    detail: "Failing row contains (secret).",
  })
  expect(factsOf(failed(refusal))).toEqual({
    code: "23514",
    constraint: "positive",
    column: "amount",
    table: "things",
    message: expect.stringMatching(/^new row violates x{183}$/),
  })
})
