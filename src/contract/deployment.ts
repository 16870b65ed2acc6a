import { Schema } from "effect"

/** What a client of the reference asks for when it starts. */

export const BuildInfo = Schema.Struct({
  version: Schema.String,
  dashboard_url: Schema.String,
  external_url: Schema.String,
  deployment_id: Schema.String,
  upgrade_message: Schema.String,
  telemetry: Schema.Boolean,
  workspace_proxy: Schema.Boolean,
}).annotations({ identifier: "BuildInfo" })

export const AuthMethods = Schema.Struct({
  terms_of_service_url: Schema.optionalWith(Schema.String, { exact: true }),
  password: Schema.Struct({ enabled: Schema.Boolean }),
  github: Schema.Struct({ enabled: Schema.Boolean, default_provider_configured: Schema.Boolean }),
  oidc: Schema.Struct({ enabled: Schema.Boolean, signInText: Schema.String, iconUrl: Schema.String }),
}).annotations({ identifier: "AuthMethods" })

const Feature = Schema.Struct({
  entitlement: Schema.Literal("entitled", "grace_period", "not_entitled"),
  enabled: Schema.Boolean,
})

export const Entitlements = Schema.Struct({
  features: Schema.Record({ key: Schema.String, value: Feature }),
  warnings: Schema.Array(Schema.String),
  errors: Schema.Array(Schema.String),
  has_license: Schema.Boolean,
  trial: Schema.Boolean,
  require_telemetry: Schema.Boolean,
  refreshed_at: Schema.String,
}).annotations({ identifier: "Entitlements" })

export const SiteAppearance = Schema.Struct({
  application_name: Schema.String,
  logo_url: Schema.String,
  docs_url: Schema.String,
  service_banner: Schema.Struct({ enabled: Schema.Boolean }),
  announcement_banners: Schema.Array(Schema.Struct({ enabled: Schema.Boolean, message: Schema.String })),
  support_links: Schema.Array(Schema.Struct({ name: Schema.String, target: Schema.String, icon: Schema.String })),
}).annotations({ identifier: "SiteAppearance" })

export const AvailableExperiments = Schema.Struct({ safe: Schema.Array(Schema.String) })
