import { api, dataOf } from "../api";

export type ServiceAction = "start" | "stop" | "restart";

/** Answers when it is done, with how the service is then. `force`: although a job runs in it. */
export function actOnService(name: string, action: ServiceAction, force: boolean) {
  const params = { path: { name }, query: { force } };
  switch (action) {
    case "start":
      return dataOf(api.POST("/api/services/{name}:start", { params }));
    case "stop":
      return dataOf(api.POST("/api/services/{name}:stop", { params }));
    case "restart":
      return dataOf(api.POST("/api/services/{name}:restart", { params }));
  }
}

/** Begin to start the engine of a served name, or stop it. */
export function actOnEngine(name: string, action: "start" | "stop") {
  const params = { path: { name } };
  return action === "start"
    ? dataOf(api.POST("/api/deployments/{name}:start", { params }))
    : dataOf(api.POST("/api/deployments/{name}:stop", { params }));
}
