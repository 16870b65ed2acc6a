import { Either, ParseResult, type Schema, SchemaAST } from "effect"
import { BadRequestError, type Validation } from "./errors.ts"

/** `content[0].text`: names with dots, indexes in brackets. */
export const fieldName = (path: ReadonlyArray<PropertyKey>): string =>
  path.reduce<string>((name, key) => {
    if (typeof key === "number") return `${name}[${key}]`
    return name === "" ? String(key) : `${name}.${String(key)}`
  }, "")

const article = (noun: string) =>
  /^(a|an|one|the) /.test(noun) ? noun : /^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`

const literals = (ast: SchemaAST.AST): ReadonlyArray<string> | undefined => {
  if (ast._tag === "Literal") return [JSON.stringify(ast.literal)]
  if (ast._tag !== "Union") return undefined
  const members = given(ast).map(literals)
  return members.every((member) => member !== undefined) ? members.flat() : undefined
}

const isNull = (ast: SchemaAST.AST): boolean => ast._tag === "Literal" && ast.literal === null

/** That a field may be left out, or be null and count as left out, is no help to who has given it. */
const given = (union: SchemaAST.Union): ReadonlyArray<SchemaAST.AST> =>
  union.types.some((type) => type._tag === "UndefinedKeyword")
    ? union.types.filter((type) => type._tag !== "UndefinedKeyword" && !isNull(type))
    : union.types

/** What a value must be, in words; the last resort is the schema's own description. */
const expected = (ast: SchemaAST.AST): string => {
  const values = literals(ast)
  if (values !== undefined) return values.length === 1 ? `${values[0]}` : `one of ${values.join(", ")}`
  switch (ast._tag) {
    case "StringKeyword":
      return "a string"
    case "NumberKeyword":
      return "a number"
    case "BooleanKeyword":
      return "true or false"
    case "TypeLiteral":
      return "an object"
    case "TupleType":
      return "a list"
    case "Union":
      return given(ast).map(expected).join(" or ")
    case "Transformation":
      return expected(ast.to)
    default: {
      if (ast.annotations[SchemaAST.IdentifierAnnotationId] === "UUID") return "a UUID"
      const text =
        ast.annotations[SchemaAST.DescriptionAnnotationId] ?? ast.annotations[SchemaAST.IdentifierAnnotationId]
      if (typeof text === "string") return article(text)
      return ast._tag === "Refinement" ? expected(ast.from) : article(String(ast))
    }
  }
}

/** A message that the schema's author wrote: annotated, or returned by a filter. Never one that repeats the value. */
const authored = (issue: ParseResult.ParseIssue): string | undefined => {
  if (issue._tag === "Type") return issue.message
  if (issue._tag !== "Refinement" || issue.kind !== "Predicate") return undefined
  const annotation = issue.ast.annotations[SchemaAST.MessageAnnotationId]
  if (typeof annotation === "function") {
    const message: unknown = annotation(issue)
    if (typeof message === "string") return message
  }
  return authored(issue.issue)
}

const describe = (issue: ParseResult.ParseIssue, path: ReadonlyArray<PropertyKey>): ReadonlyArray<Validation> => {
  switch (issue._tag) {
    case "Missing":
      return [{ field: fieldName(path), detail: "is required" }]
    case "Unexpected":
      return [{ field: fieldName(path), detail: "is not a known field" }]
    case "Forbidden":
      return [{ field: fieldName(path), detail: "cannot be read here" }]
    case "Pointer":
      return describe(issue.issue, [...path, ...[issue.path].flat()])
    case "Type":
      return [{ field: fieldName(path), detail: issue.message ?? `must be ${expected(issue.ast)}` }]
    case "Refinement":
      return issue.kind === "Predicate"
        ? [{ field: fieldName(path), detail: authored(issue) ?? `must be ${expected(issue.ast)}` }]
        : describe(issue.issue, path)
    case "Transformation":
      // What the step itself has to say is the library's, and repeats the value.
      return issue.kind === "Transformation"
        ? [{ field: fieldName(path), detail: `must be ${expected(issue.ast)}` }]
        : describe(issue.issue, path)
    case "Composite": {
      // The members of a union contradict one another: say what is wanted, not why each of them is not it.
      if (issue.ast._tag === "Union") {
        const asked = given(issue.ast)
        const members = [issue.issues].flat().filter((member) => member._tag !== "Type" || asked.includes(member.ast))
        const [only] = members
        if (only !== undefined && members.length === 1) return describe(only, path)
        const nested = members
          .flatMap((member) => describe(member, path))
          .filter(({ field }) => field !== fieldName(path))
        return nested.length > 0 ? nested : [{ field: fieldName(path), detail: `must be ${expected(issue.ast)}` }]
      }
      return [issue.issues].flat().flatMap((member) => describe(member, path))
    }
  }
}

/** Where a decoded value came from; names the whole when no single field is at fault. */
export type Source = "path" | "query" | "body"

const title: Record<Source, string> = {
  path: "The address of the request is not right",
  query: "A query parameter is not right",
  body: "The request body is not right",
}

/**
 * A decoder of one part of a request. All faults are reported at once. Unknown fields are ignored unless the schema's own
 * `parseOptions` say otherwise.
 */
export const decoder = <A, I>(source: Source, schema: Schema.Schema<A, I>) => {
  const decode = ParseResult.decodeUnknownEither(schema, { errors: "all" })
  return (value: unknown): Either.Either<A, BadRequestError> =>
    Either.mapLeft(decode(value), (issue) => {
      const found = describe(issue, []).map(({ field, detail }) => ({ field: field || source, detail }))
      const validations = [...new Map(found.map((one) => [`${one.field} ${one.detail}`, one])).values()]
      const [first] = validations
      const reason = first === undefined ? "" : `: ${first.field} ${first.detail}`
      return new BadRequestError({ message: `${title[source]}${reason}.`, validations })
    })
}
