import { Effect } from "effect"
import type { DeploymentRoutes } from "../contract/routes/deployment.ts"
import { OrganizationRepository } from "../db/identity/organizations.ts"
import { Settings } from "../settings.ts"
import type { GroupHandlers } from "./mount.ts"
import { version } from "./version.ts"

/** What a client of the reference asks for at its start. There is no licence here: every feature that is built is there. */
export const deploymentHandlers = {
  buildInfo: {
    anonymous: ({ request }) =>
      Effect.gen(function* () {
        const { accessUrl } = yield* Settings
        const url = accessUrl ?? `http://${request.headers.host ?? "localhost"}`
        return {
          version,
          dashboard_url: url,
          external_url: url,
          // Made with each database, at random.
          deployment_id: yield* (yield* OrganizationRepository).defaultId,
          upgrade_message: "",
          telemetry: false,
          workspace_proxy: false,
        }
      }),
  },
  authMethods: {
    anonymous: () =>
      Effect.succeed({
        password: { enabled: true },
        github: { enabled: false, default_provider_configured: false },
        oidc: { enabled: false, signInText: "", iconUrl: "" },
      }),
  },
  siteAppearance: {
    anonymous: () =>
      Effect.succeed({
        application_name: "",
        logo_url: "",
        docs_url: "",
        service_banner: { enabled: false },
        announcement_banners: [],
        support_links: [],
      }),
  },
  experiments: () => Effect.succeed([]),
  availableExperiments: () => Effect.succeed({ safe: [] }),
  entitlements: () =>
    Effect.sync(() => ({
      features: {},
      warnings: [],
      errors: [],
      has_license: false,
      trial: false,
      require_telemetry: false,
      refreshed_at: new Date().toISOString(),
    })),
} satisfies GroupHandlers<typeof DeploymentRoutes, OrganizationRepository | Settings>
