import { HttpApiEndpoint, HttpApiGroup } from "@effect/platform"
import { Schema } from "effect"
import { AuthMethods, AvailableExperiments, BuildInfo, Entitlements, SiteAppearance } from "../deployment.ts"
import { Public, TokenScope } from "./access.ts"

/** What this server is, and how one gets in. */
export const DeploymentRoutes = HttpApiGroup.make("deployment")
  .annotate(TokenScope, "any")
  .add(HttpApiEndpoint.get("buildInfo", "/buildinfo").addSuccess(BuildInfo).annotate(Public, true))
  .add(HttpApiEndpoint.get("authMethods", "/users/authmethods").addSuccess(AuthMethods).annotate(Public, true))
  .add(HttpApiEndpoint.get("siteAppearance", "/appearance").addSuccess(SiteAppearance).annotate(Public, true))
  .add(HttpApiEndpoint.get("experiments", "/experiments").addSuccess(Schema.Array(Schema.String)))
  .add(HttpApiEndpoint.get("availableExperiments", "/experiments/available").addSuccess(AvailableExperiments))
  .add(HttpApiEndpoint.get("entitlements", "/entitlements").addSuccess(Entitlements))
