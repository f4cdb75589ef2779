import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { api, dataOf } from "../api";
import type { ChatContent, Deployment } from "../types";

/** Kept chats, newest first, that hold a text. */
export const chatsQuery = (q: string) =>
  queryOptions({
    queryKey: ["chats", "list", q],
    queryFn: ({ signal }) => dataOf(api.GET("/api/chats", { params: { query: { q, limit: 200 } }, signal })),
    staleTime: 0,
    placeholderData: keepPreviousData,
  });

export const readChat = (id: string) => dataOf(api.GET("/api/chats/{chat_id}", { params: { path: { chat_id: id } } }));

/** `last`: the page goes; the request outlives it where its body is small enough. */
export const keepChat = (id: string, content: ChatContent, last = false) =>
  dataOf(api.PUT("/api/chats/{chat_id}", { params: { path: { chat_id: id } }, body: content, keepalive: last }));

export const deleteChat = (id: string) => dataOf(api.DELETE("/api/chats/{chat_id}", { params: { path: { chat_id: id } } }));

/** What an engine makes of a chat. */
export const renderQuery = (model: string, messages: { role: string; content: string }[]) =>
  queryOptions({
    queryKey: ["rendered", model, messages],
    queryFn: ({ signal }) => dataOf(api.POST("/api/deployments/{name}:render", { params: { path: { name: model } }, body: { messages }, signal })),
    staleTime: 60_000,
    gcTime: 60_000,
    retry: false,
  });

/** What a model's engine takes where nothing is asked for; asked anew when the engine is another one or begins to run. */
export const samplingQuery = ({ name, engine, instance, state, restarts }: Deployment) =>
  queryOptions({
    queryKey: ["sampling", name, engine, instance, state, restarts],
    queryFn: ({ signal }) => dataOf(api.GET("/api/deployments/{name}/sampling", { params: { path: { name } }, signal })),
    staleTime: 60_000,
    gcTime: 60_000,
    retry: false,
  });
