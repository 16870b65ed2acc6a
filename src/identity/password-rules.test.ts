import { Effect, Either } from "effect"
import { expect, it } from "vitest"
import { checkPassword } from "./password-rules.ts"

const ada = { email: "ada.l@example.com", username: "countess", name: "Ada Lovelace" }
const refusalOf = async (password: string, person: { readonly name?: string } = {}) =>
  Either.match(await Effect.runPromise(Effect.either(checkPassword({ ...ada, ...person, password }))), {
    onLeft: ({ message }) => message,
    onRight: () => undefined,
  })
const check = async (password: string) => (await refusalOf(password)) === undefined

it.each([
  "1234567890",
  "12345678901",
  "9876543210",
  "0000000000",
  "aaaaaaaaaaaa",
  "abcabcabcabc",
  "abcdefghijkl",
  "qwertyuiop",
  "Password123",
  "P@ssw0rd123",
  "PASSWORD2026!",
  "!!password!!",
  "passwordpassword",
  "administrator",
  "letmein1234",
  "Sunshine2024",
  "troupe1234",
  "TroupeTroupe",
  "ada.l@example.com",
  "Countess",
  "countess1815",
  "Ada Lovelace!",
])("refuses %s", async (password) => {
  expect(await check(password)).toBe(false)
})

it.each([
  "correct horse battery",
  "bench-password-1",
  "love9283746501",
  "j7Kq-02mZ-xx1P",
  "пароль-для-Ады-1815",
  "password of the countess",
  "8203641957",
  "countess-7731-9042-5518",
])("takes %s", async (password) => {
  expect(await check(password)).toBe(true)
})

it.each(["", "007"])("does not take a password of digits for the name, where that is %j", async (name) => {
  expect(await refusalOf("8203641957", { name })).toBeUndefined()
  expect(await refusalOf("1234567890", { name })).toMatch(/harder to guess/)
})
