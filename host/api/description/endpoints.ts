/**
 * What each endpoint is for, takes and answers. The compiler sees to it that these are the endpoints of the router,
 * all of them and no other; the tests of the whole API see to it that what stands here is what is answered.
 */
import type { EndpointName } from "../routes.ts";
import { actions } from "./action-endpoints.ts";
import type { Endpoint } from "./endpoint.ts";
import { host } from "./host-endpoints.ts";
import { models } from "./model-endpoints.ts";
import { settings } from "./settings-endpoints.ts";
import { transactions } from "./transaction-endpoints.ts";
import { updates } from "./update-endpoints.ts";

/** All endpoints. */
export const endpoints: Readonly<Record<EndpointName, Endpoint>> = {
  ...settings,
  ...transactions,
  ...models,
  ...actions,
  ...host,
  ...updates,
};
