import { Cause, HashMap, Layer, Logger, LogLevel } from "effect"
import pino from "pino"

/** One log for everything: JSON lines on standard error, so that standard output has the line with the URL alone. */
export const makeLogger = (level: string): pino.Logger =>
  pino({ level, serializers: { cause: stackOf } }, pino.destination({ dest: 2, sync: true }))

/** An error has nothing that JSON would show. */
const stackOf = (cause: unknown): unknown => (cause instanceof Error ? (cause.stack ?? cause.message) : cause)

const levels: Record<string, pino.Level> = {
  TRACE: "trace",
  DEBUG: "debug",
  INFO: "info",
  WARN: "warn",
  ERROR: "error",
  FATAL: "fatal",
}

/** Effect's log statements, written by pino. */
export const effectLogger = (logger: pino.Logger) =>
  Layer.merge(
    Logger.replace(
      Logger.defaultLogger,
      Logger.make(({ annotations, cause, logLevel, message }) => {
        const [text, ...details] = Array.isArray(message) ? message : [message]
        logger[levels[logLevel.label] ?? "info"](
          {
            ...Object.fromEntries(HashMap.toEntries(annotations)),
            ...(details.length > 0 && {
              details: details.map((detail) => (detail instanceof Error ? detail.message : detail)),
            }),
            ...(!Cause.isEmpty(cause) && { cause: Cause.pretty(cause, { renderErrorCause: true }) }),
          },
          String(text),
        )
      }),
    ),
    Logger.minimumLogLevel(LogLevel.Info),
  )
