import { queryOptions } from "@tanstack/react-query"
import type { TraceSource } from "./trace-source.ts"

/** What Trace knows of a chat. All keys begin alike, so that all of it can be read anew when the chat goes on. */
export const stepsQuery = (source: TraceSource) =>
  queryOptions({
    queryKey: ["trace", source.key, "steps"],
    queryFn: ({ signal }) => source.steps(signal),
  })

export const machineQuery = (source: TraceSource) =>
  queryOptions({
    queryKey: ["trace", source.key, "machine"],
    queryFn: ({ signal }) => source.machine(signal),
  })

/** A version never changes once it is there. */
export const atVersionQuery = (source: TraceSource, version: number) =>
  queryOptions({
    queryKey: ["trace", source.key, "at", version],
    queryFn: ({ signal }) => source.at(version, signal),
    staleTime: Number.POSITIVE_INFINITY,
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
