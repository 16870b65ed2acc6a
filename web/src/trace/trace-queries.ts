import { queryOptions } from "@tanstack/react-query"
import { hasStatus } from "../api/client.ts"
import type { TraceSource } from "./trace-source.ts"

/** Messages that are read with a version; those before them are read when they are asked for. */
export const MESSAGES_AT_ONCE = 40

/** A version that was left behind while scrubbing is forgotten soon: there are thousands. */
const VERSION_KEPT_MS = 60_000

/** What Trace knows of a chat. All keys begin alike, so that all of it can be read anew when the chat goes on. */
export const stepsQuery = (source: TraceSource) =>
  queryOptions({
    queryKey: ["trace", source.key, "steps"],
    queryFn: ({ signal }) => source.steps(signal),
    staleTime: 10_000,
  })

export const machineQuery = (source: TraceSource) =>
  queryOptions({
    queryKey: ["trace", source.key, "machine"],
    queryFn: ({ signal }) => source.machine(signal),
    staleTime: 10_000,
  })

/** The chat at a version with its newest messages. It never changes once it is there. */
export const atVersionQuery = (source: TraceSource, version: number) =>
  queryOptions({
    queryKey: ["trace", source.key, "at", version],
    queryFn: ({ signal }) => source.at(version, signal, { tail: MESSAGES_AT_ONCE }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: VERSION_KEPT_MS,
  })

export const aboutQuery = (source: TraceSource) =>
  queryOptions({
    queryKey: ["trace", source.key, "about"],
    queryFn: ({ signal }) => source.about(signal),
  })

export const attemptTextsQuery = (source: TraceSource) =>
  queryOptions({
    queryKey: ["trace", source.key, "attempts"],
    queryFn: ({ signal }) => source.attempts(signal),
  })

/** The chat was deleted, or is not shared with this reader any more. An id that is none is answered with 400. */
export const isGone = (error: unknown): boolean => [400, 403, 404].some((status) => hasStatus(error, status))
