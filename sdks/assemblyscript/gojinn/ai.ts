// The language model that the host is configured with.

import { Result, call, textOf } from "./host";
import { Json } from "./json";

/** One message of a conversation; the role is system, user or assistant. */
export function message(role: string, content: string): Json {
  return Json.object().set("role", Json.text(role)).set("content", Json.text(content));
}

/** Answers a conversation. */
export function chat(messages: Json[]): Result<string> {
  const list = Json.array();
  list.items = messages;
  const answer = call("ai.chat", Json.object().set("messages", list)), said = answer.value.get("message");
  return new Result<string>(said == null ? "" : textOf(said, "content"), answer.error);
}
